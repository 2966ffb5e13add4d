// What surrounds every view: heading, the three actions, and the states a view can be in.
import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { type ActionName, runAction } from "./actions";
import type { Bridge } from "./bridge";
import { Icon, type IconName } from "./icons";
import type { Job, Status } from "./status";

interface FrameProps {
  bridge: Bridge;
  status: ReadonlySignal<Status>;
  hasData: boolean;
  children: ComponentChildren;
}

export function ViewFrame({ bridge, status, hasData, children }: FrameProps): JSX.Element {
  const { phase, weak, message, hint, job } = status.value;
  const showBody = hasData && phase !== "empty" && phase !== "loading";
  const heading = bridge.trait<string>("heading").value;
  return (
    <section
      class="vd-frame"
      aria-label={heading}
      aria-busy={phase === "loading" || phase === "stale"}
    >
      <header class="vd-frame-head">
        <h3 class="vd-heading">{heading}</h3>
        {phase === "stale" && <span class="vd-chip vd-chip-quiet">updating…</span>}
        <span class="vd-head-slot" />
        <ActionsMenu bridge={bridge} disabled={!showBody} />
      </header>
      {phase === "stale" && <div class="vd-updating" />}
      {weak !== "" && showBody && (
        <p class="vd-note vd-note-weak" role="note">
          <Icon name="warning" size={14} />
          <span>{weak}</span>
        </p>
      )}
      {phase === "failed" && <Failed message={message} hint={hint} kept={showBody} />}
      {phase === "empty" && <Empty message={message} hint={hint} />}
      {phase === "loading" && <Loading bridge={bridge} message={message} job={job} />}
      {showBody && <div class="vd-body">{children}</div>}
      <Toast bridge={bridge} />
    </section>
  );
}

function Failed(props: { message: string; hint: string; kept: boolean }): JSX.Element {
  return (
    <div class={props.kept ? "vd-note vd-note-failed" : "vd-state vd-state-failed"} role="alert">
      <Icon name="warning" size={props.kept ? 14 : 24} />
      <span class="vd-state-text">
        <strong>{props.message || "This could not be computed."}</strong>
        {props.hint && <span>{props.hint}</span>}
        {props.kept && <span>What you see is the last good result.</span>}
      </span>
    </div>
  );
}

function Empty({ message, hint }: { message: string; hint: string }): JSX.Element {
  return (
    <div class="vd-state vd-state-empty">
      <Icon name="info" size={24} />
      <span class="vd-state-text">
        <strong>{message || "Nothing to show yet."}</strong>
        {hint && <span>{hint}</span>}
      </span>
    </div>
  );
}

function Loading(props: { bridge: Bridge; message: string; job: Job | null }): JSX.Element {
  return (
    <div class="vd-state vd-state-loading" role="status">
      {props.job ? (
        <Progress bridge={props.bridge} job={props.job} />
      ) : (
        <>
          <div class="vd-skeleton" aria-hidden="true">
            <i />
            <i />
            <i />
          </div>
          <span class="vd-muted">{props.message || "Computing…"}</span>
        </>
      )}
    </div>
  );
}

/** A running job: what, how far, and a way to stop it. */
export function Progress({ bridge, job }: { bridge: Bridge; job: Job }): JSX.Element {
  const known = job.total > 0;
  return (
    <div class="vd-progress">
      <span class="vd-progress-label vd-num">
        {known ? `${job.label} ${job.done} of ${job.total}` : job.label}
      </span>
      <div
        class={known ? "vd-bar" : "vd-bar vd-bar-unknown"}
        role="progressbar"
        aria-label={job.label}
        aria-valuemin={0}
        aria-valuemax={known ? job.total : undefined}
        aria-valuenow={known ? job.done : undefined}
      >
        <i style={known ? { width: `${(100 * job.done) / job.total}%` } : undefined} />
      </div>
      {job.cancellable && (
        <button
          type="button"
          class="vd-button vd-button-text"
          onClick={() => bridge.fire("cancel", { job: job.id })}
        >
          cancel
        </button>
      )}
    </div>
  );
}

const ACTIONS: { name: ActionName; icon: IconName; label: string; title: string }[] = [
  { name: "data", icon: "data", label: "Data", title: "Save this view's table (CSV)" },
  { name: "code", icon: "code", label: "Code", title: "Copy the Python that makes this view" },
  { name: "picture", icon: "picture", label: "Picture", title: "Save this view's picture (PNG)" },
];

export function ActionsMenu({ bridge, disabled = false }: { bridge: Bridge; disabled?: boolean }) {
  const open = useSignal(false);
  const said = useSignal("");
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => closeWhenLeft(root.current, () => (open.value = false)), []);
  const run = async (name: ActionName) => {
    open.value = false;
    try {
      said.value = await runAction(bridge, name);
      setTimeout(() => (said.value = ""), 2500);
    } catch {
      // shown by the toast
    }
  };
  return (
    <div class="vd-menu" ref={root}>
      <span class="vd-said" role="status">
        {said.value}
      </span>
      <button
        type="button"
        class="vd-button vd-button-icon"
        aria-label="Data, code and picture of this view"
        title="Data · code · picture"
        aria-haspopup="menu"
        aria-expanded={open.value}
        disabled={disabled}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="more" />
      </button>
      {open.value && (
        <div class="vd-menu-list" role="menu" onKeyDown={moveInMenu}>
          {ACTIONS.map((action, i) => (
            <button
              key={action.name}
              type="button"
              role="menuitem"
              class="vd-menu-item"
              title={action.title}
              ref={i === 0 ? (node) => node?.focus() : undefined}
              onClick={() => run(action.name)}
            >
              <Icon name={action.icon} />
              {action.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Closes on a click elsewhere and on Escape (then the button has the focus again). */
function closeWhenLeft(root: HTMLElement | null, close: () => void): () => void {
  const pointer = (event: Event) => {
    if (root && !event.composedPath().includes(root)) close();
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !root?.querySelector("[role=menu]")) return;
    event.stopPropagation();
    close();
    root.querySelector<HTMLElement>("[aria-haspopup]")?.focus();
  };
  document.addEventListener("pointerdown", pointer, true);
  root?.addEventListener("keydown", key);
  return () => {
    document.removeEventListener("pointerdown", pointer, true);
    root?.removeEventListener("keydown", key);
  };
}

function moveInMenu(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step) return;
  event.preventDefault();
  const list = event.currentTarget as HTMLElement;
  const items = [...list.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.findIndex((item) => item.matches(":focus"));
  items[(at + step + items.length) % items.length]?.focus();
}

/** The last request that failed, until it is dismissed or eight seconds have passed. */
export function Toast({ bridge }: { bridge: Bridge }): JSX.Element | null {
  const error = bridge.failure.value;
  useEffect(() => {
    if (!error) return;
    const timer = setTimeout(() => (bridge.failure.value = null), 8000);
    return () => clearTimeout(timer);
  }, [error]);
  if (!error) return null;
  return (
    <div class="vd-toast" role="alert">
      <Icon name="warning" size={14} />
      <span class="vd-state-text">
        <strong>{error.message}</strong>
        {error.hint && <span>{error.hint}</span>}
      </span>
      <button
        type="button"
        class="vd-button vd-button-icon"
        aria-label="Dismiss"
        onClick={() => (bridge.failure.value = null)}
      >
        <Icon name="close" size={12} />
      </button>
    </div>
  );
}
