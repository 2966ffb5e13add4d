// Makes an anywidget view of a component: bridge, theme, frame, and everything undone at the end.
import type { AnyModel } from "@anywidget/types";
import { computed, type ReadonlySignal } from "@preact/signals";
import { type FunctionComponent, type JSX, render } from "preact";
import { type Bridge, createBridge } from "./bridge";
import { ViewFrame } from "./frame";
import type { Status } from "./status";
import { followTheme } from "./theme";

export interface RenderContext {
  model: AnyModel;
  el: HTMLElement;
}

export interface ViewProps<T> {
  bridge: Bridge;
  data: ReadonlySignal<T>;
  host: HTMLElement;
}

export interface ViewOptions<T> {
  /** The bundle's name, e.g. "gap_scatter"; also the value of `data-view`. */
  name: string;
  className?: string;
  Component: FunctionComponent<ViewProps<T>>;
  /** Without heading, actions and states; the component draws its own. */
  bare?: boolean;
}

const NO_STATUS: Status = { phase: "loading", message: "", hint: "", weak: "", job: null };

export function defineView<T>(options: ViewOptions<T>) {
  return { render: (context: RenderContext) => mount(options, context) };
}

function mount<T>(options: ViewOptions<T>, { model, el }: RenderContext): () => void {
  const bridge = createBridge(model);
  const host = document.createElement("div");
  host.className = ["vd-view", options.className].filter(Boolean).join(" ");
  host.dataset.view = options.name;
  // JupyterLab leaves keys alone for elements (and their children) that carry this.
  host.dataset.lmSuppressShortcuts = "true";
  el.append(host);
  const status = computed(() => ({
    ...NO_STATUS,
    ...bridge.trait<Partial<Status>>("status").value,
  }));
  const unmark = status.subscribe(({ phase }) => {
    host.dataset.phase = phase;
  });
  const unfollow = followTheme(host);
  render(<Root options={options} bridge={bridge} status={status} host={host} />, host);
  return () => {
    render(null, host);
    unmark();
    unfollow();
    bridge.dispose();
    host.remove();
  };
}

interface RootProps<T> {
  options: ViewOptions<T>;
  bridge: Bridge;
  status: ReadonlySignal<Status>;
  host: HTMLElement;
}

function Root<T>({ options, bridge, status, host }: RootProps<T>): JSX.Element {
  const data = bridge.trait<T>("data");
  const { Component, bare } = options;
  const body = <Component bridge={bridge} data={data} host={host} />;
  if (bare) return body;
  const hasData = data.value != null && Object.keys(data.value as object).length > 0;
  return (
    <ViewFrame bridge={bridge} status={status} hasData={hasData}>
      {body}
    </ViewFrame>
  );
}
