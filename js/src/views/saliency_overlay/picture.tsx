// The image with its map painted over the part of it that the model sees.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type CellMap, colourTable, paint, upsample } from "./heatmap";

/** Pixels along one side of the painted map; the browser scales it smoothly from there. */
const SIDE = 256;

/** What a person sets; none of it reaches the kernel. */
export interface Look {
  mode: "overlay" | "beside" | "image";
  opacity: number;
  threshold: number;
}

/** How an image is made square: its centre only, all of it padded, or all of it distorted. */
export type Fit = "shortest" | "longest" | "squash";

export interface PictureProps {
  url: string;
  fit: Fit;
  map: CellMap | null;
  look: Look;
}

/** The image, the image under its map, or both side by side. */
export function Picture({ map, look, ...image }: PictureProps) {
  const beside = look.mode === "beside";
  return (
    <div class={beside ? "vd-sal-pair vd-sal-beside" : "vd-sal-pair"}>
      {beside && <Frame {...image} map={null} look={look} />}
      <Frame {...image} map={look.mode === "image" ? null : map} look={look} />
    </div>
  );
}

function Frame({ url, fit, map, look }: PictureProps) {
  const [aspect, setAspect] = useState(1);
  return (
    <div class="vd-sal-frame" style={{ aspectRatio: `${aspect}` }}>
      <img
        src={url}
        alt=""
        draggable={false}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
          setAspect(width && height ? width / height : 1)
        }
      />
      {map && <Overlay map={map} look={look} box={seen(aspect, fit)} />}
    </div>
  );
}

interface Box {
  left: string;
  top: string;
  width: string;
  height: string;
}

/** The part of the image that reaches the model; larger than the image where it is padded. */
export function seen(aspect: number, fit: Fit): Box {
  const [short, long] = [Math.min(1, 1 / aspect), Math.max(1, 1 / aspect)];
  const [width, height] = {
    shortest: [short, Math.min(1, aspect)],
    longest: [long, Math.max(1, aspect)],
    squash: [1, 1],
  }[fit] as [number, number];
  const percent = (share: number) => `${100 * share}%`;
  return {
    left: percent((1 - width) / 2),
    top: percent((1 - height) / 2),
    width: percent(width),
    height: percent(height),
  };
}

function Overlay({ map, look, box }: { map: CellMap; look: Look; box: Box }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const table = useMemo(colourTable, []);
  const shares = useMemo(() => upsample(map, SIDE, SIDE), [map]);
  useEffect(() => {
    // Without a 2-D context (a locked-down browser) the plain image stays.
    const context = canvas.current?.getContext("2d");
    context?.putImageData(new ImageData(paint(shares, table, look), SIDE, SIDE), 0, 0);
  }, [shares, table, look.opacity, look.threshold]);
  return (
    <canvas
      ref={canvas}
      class="vd-sal-map"
      data-testid="saliency-map"
      width={SIDE}
      height={SIDE}
      style={{ ...box }}
      role="img"
      aria-label="where the score is sensitive"
    />
  );
}
