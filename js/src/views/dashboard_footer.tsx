// The dashboard's last line: how many texts, what is running, what is selected.
// Twin of DashboardFooter in vlmdiag_widgets/widgets/dashboard.py.
import type { JSX } from "preact";
import { counted } from "../lib/format";
import { Progress, Toast } from "../lib/frame";
import { Icon } from "../lib/icons";
import type { Job, Selection } from "../lib/status";
import { defineView, type ViewProps } from "../lib/view";

interface FooterData {
  n_texts: number | null;
  n_broken: number;
}

function Footer({ bridge, data }: ViewProps<FooterData>): JSX.Element {
  const job = bridge.trait<Job | null>("job").value;
  const selection = bridge.trait<Selection>("selection").value;
  const { n_texts, n_broken } = data.value;
  return (
    <footer class="vd-dash-foot" data-job={job?.label ?? ""}>
      <span class="vd-num vd-muted">{n_texts != null && counted(n_texts, "text")}</span>
      {n_broken > 0 && (
        <span class="vd-num vd-muted" title="audit.dataset.broken lists them">
          {counted(n_broken, "image")} could not be read
        </span>
      )}
      <div class="vd-dash-job">{job && <Progress bridge={bridge} job={job} />}</div>
      <div class="vd-dash-selection" aria-live="polite" data-testid="selection">
        {selection.kind === "none" ? (
          <span class="vd-muted">nothing selected</span>
        ) : (
          <span class="vd-chip">
            <span class="vd-dash-label" title={selection.label}>
              {selection.label}
            </span>
            <button
              type="button"
              class="vd-button vd-button-icon"
              aria-label="Clear the selection"
              title="Clear the selection"
              data-testid="clear-selection"
              onClick={() => bridge.fire("select", { kind: "clear" })}
            >
              <Icon name="close" size={12} />
            </button>
          </span>
        )}
      </div>
      <Toast bridge={bridge} />
    </footer>
  );
}

export default defineView({ name: "dashboard_footer", Component: Footer, bare: true });
