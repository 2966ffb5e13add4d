import { defineView } from "../lib/view";
import { ExtremeGrid } from "./extreme_grid/grid";
import type { ExtremeData } from "./extreme_grid/model";

export default defineView<ExtremeData>({ name: "extreme_grid", Component: ExtremeGrid });
