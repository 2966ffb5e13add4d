// What a view can be in. Keep in sync with vlmdiag_widgets/widgets/messages.py.

export type Phase = "empty" | "loading" | "ready" | "stale" | "failed";

export interface Job {
  id: string;
  label: string;
  done: number;
  total: number;
  cancellable: boolean;
}

export interface Status {
  phase: Phase;
  message: string;
  hint: string;
  /** Why the evidence shown is weak, or "". */
  weak: string;
  job: Job | null;
}

/** `Selection.summary()` of the audit. */
export interface Selection {
  kind: "none" | "rows" | "slice" | "text";
  label: string;
  count: number;
  slice: Record<string, string> | null;
  text_id: number | null;
  source: string;
}

export const NOTHING_SELECTED: Selection = {
  kind: "none",
  label: "",
  count: 0,
  slice: null,
  text_id: null,
  source: "",
};
