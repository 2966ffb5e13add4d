// The drawings inside the cells. Both share one 0–1 scale, so that a bar and a dot can be compared.

const percentOf = (x: number) => `${(100 * Math.min(1, Math.max(0, x))).toFixed(2)}%`;

/** A probability as a bar on the shared 0–1 scale; lighter when it is not flagged. */
export function ScoreBar({ score, flagged }: { score: number | null; flagged: boolean }) {
  return (
    <span class="vd-st-track" aria-hidden="true">
      {score !== null && (
        <span
          class={flagged ? "vd-st-bar vd-st-flagged" : "vd-st-bar"}
          style={{ width: percentOf(score) }}
        />
      )}
    </span>
  );
}

/** An accuracy as a dot with its interval as a whisker on the shared 0–1 scale. */
export function Whisker(p: { value: number | null; low: number | null; high: number | null }) {
  const { value, low, high } = p;
  return (
    <span class="vd-st-track" aria-hidden="true">
      {low !== null && high !== null && (
        <span
          class="vd-st-whisker"
          style={{ left: percentOf(low), width: percentOf(high - low) }}
        />
      )}
      {value !== null && <span class="vd-st-dot" style={{ left: percentOf(value) }} />}
    </span>
  );
}
