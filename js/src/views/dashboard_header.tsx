// The dashboard's first line: what is diagnosed, whether to believe it, undo, code and picture.
// Twin of DashboardHeader in vlmdiag_widgets/widgets/dashboard.py.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { type ActionName, runAction } from "../lib/actions";
import type { Bridge } from "../lib/bridge";
import { Toast } from "../lib/frame";
import { Icon, type IconName } from "../lib/icons";
import { defineView, type ViewProps } from "../lib/view";

interface HeaderData {
  title: string;
  trust: string;
  trust_phase: string;
  trust_error: string;
  agree: [number, number] | null;
  can_undo: boolean;
  can_redo: boolean;
  notes: string[];
}

const TRUST_HELP =
  "A slice agrees when its text score is flagged (below the class mean minus a margin) and the " +
  "Wilson 95 % interval of its image accuracy lies below the class accuracy, or neither. " +
  "Intervals that overlap are undecided and counted apart. (Zhang et al. 2023, DrML)";

function Header({ bridge, data, host }: ViewProps<HeaderData>): JSX.Element {
  useEffect(() => undoByKeys(bridge, host), [bridge, host]);
  const { title, can_undo, can_redo, notes = [] } = data.value;
  return (
    <header class="vd-dash-head">
      <h2 class="vd-dash-title">{title}</h2>
      {notes.length > 0 && <Notes notes={notes} />}
      <Trust data={data.value} />
      <div class="vd-dash-tools" role="toolbar" aria-label="Audit">
        <Tool
          icon="undo"
          label="Undo (Ctrl+Z)"
          disabled={!can_undo}
          run={() => bridge.fire("undo")}
        />
        <Tool
          icon="redo"
          label="Redo (Ctrl+Shift+Z)"
          disabled={!can_redo}
          run={() => bridge.fire("redo")}
        />
        <ActionTool
          bridge={bridge}
          action="code"
          icon="copy"
          label="Copy the Python that makes this audit"
        />
        <ActionTool bridge={bridge} action="data" icon="data" label="Save the slices (CSV)" />
        <ActionTool
          bridge={bridge}
          action="picture"
          icon="download"
          label="Save the dashboard's picture (PNG)"
        />
      </div>
      <Toast bridge={bridge} />
    </header>
  );
}

function Trust({ data }: { data: HeaderData }): JSX.Element {
  const { trust, trust_phase, trust_error } = data;
  if (trust_phase === "failed") return <p class="vd-dash-trust vd-muted">{trust_error}</p>;
  if (!trust) return <p class="vd-dash-trust vd-muted">comparing texts with images…</p>;
  return (
    <p
      class="vd-dash-trust vd-num"
      data-testid="trust"
      data-stale={trust_phase !== "ready"}
      title={TRUST_HELP}
    >
      {trust}
    </p>
  );
}

function Notes({ notes }: { notes: string[] }): JSX.Element {
  const open = useSignal(false);
  return (
    <span class="vd-menu">
      <button
        type="button"
        class="vd-button vd-button-icon"
        aria-label={`${notes.length} notes on the settings`}
        aria-expanded={open.value}
        title={notes.join("\n")}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <Icon name="info" size={14} />
      </button>
      {open.value && (
        <ul class="vd-dash-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </span>
  );
}

interface ToolProps {
  icon: IconName;
  label: string;
  disabled?: boolean;
  run(): void;
}

function Tool({ icon, label, disabled = false, run }: ToolProps): JSX.Element {
  return (
    <button
      type="button"
      class="vd-button vd-button-icon"
      aria-label={label}
      title={label}
      disabled={disabled}
      data-testid={`dashboard-${icon}`}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
}

interface ActionProps {
  bridge: Bridge;
  action: ActionName;
  icon: IconName;
  label: string;
}

/** An action that shows a tick when it is done. */
function ActionTool({ bridge, action, icon, label }: ActionProps): JSX.Element {
  const done = useSignal(false);
  const busy = useSignal(false);
  const run = async () => {
    busy.value = true;
    try {
      await runAction(bridge, action);
      done.value = true;
      setTimeout(() => {
        done.value = false;
      }, 1600);
    } catch {
      // shown by the toast
    }
    busy.value = false;
  };
  return <Tool icon={done.value ? "check" : icon} label={label} disabled={busy.value} run={run} />;
}

/** Undo and redo by keys anywhere in the dashboard, except where text is typed. */
function undoByKeys(bridge: Bridge, host: HTMLElement): () => void {
  const root = host.closest(".vd-dashboard") ?? host;
  const key = (event: Event) => {
    const { ctrlKey, metaKey, shiftKey, key: name, target } = event as KeyboardEvent;
    if (!(ctrlKey || metaKey) || isTyping(target)) return;
    const kind =
      name.toLowerCase() === "y" || (name.toLowerCase() === "z" && shiftKey) ? "redo" : "undo";
    if (!["z", "y"].includes(name.toLowerCase())) return;
    event.preventDefault();
    event.stopPropagation();
    bridge.fire(kind);
  };
  root.addEventListener("keydown", key);
  return () => root.removeEventListener("keydown", key);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, [contenteditable]");
}

export default defineView({ name: "dashboard_header", Component: Header, bare: true });
