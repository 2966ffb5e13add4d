import { defineView } from "../lib/view";
import type { WaterfallData } from "./attribute_waterfall/model";
import { AttributeWaterfall } from "./attribute_waterfall/waterfall";

export default defineView<WaterfallData>({
  name: "attribute_waterfall",
  Component: AttributeWaterfall,
});
