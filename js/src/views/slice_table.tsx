import { defineView } from "../lib/view";
import type { SliceData } from "./slice_table/model";
import { SliceTable } from "./slice_table/table";

export default defineView<SliceData>({ name: "slice_table", Component: SliceTable });
