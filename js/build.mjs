// Bundles every view of src/views into one ES module of its own, and all styles into one sheet.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { notices } from "./notices.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "vlmdiag_widgets", "static");
const watch = process.argv.includes("--watch");
const GZIP_LIMIT = 300_000;
const NOTICES = "THIRD_PARTY_LICENSES.txt";

const views = readdirSync(join(here, "src", "views"))
  .filter((file) => /^[a-z_]+\.tsx$/.test(file))
  .map((file) => join(here, "src", "views", file));

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: !watch,
  sourcemap: watch ? "inline" : false,
  logLevel: "warning",
  target: ["es2022"],
};

const builds = [
  {
    ...shared,
    entryPoints: views,
    outdir: out,
    format: "esm",
    platform: "browser",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none", // the notices travel in a file of their own
    metafile: true,
    define: { "process.env.NODE_ENV": '"production"' },
  },
  {
    ...shared,
    entryPoints: [join(here, "src", "style", "index.css")],
    outfile: join(out, "vlmdiag.css"),
  },
];

/** Bundles of views that are no longer there. What is still wanted is replaced in place. */
function removeOrphans() {
  mkdirSync(out, { recursive: true });
  const wanted = new Set(
    views.map((file) => `${basename(file, ".tsx")}.js`).concat("vlmdiag.css", NOTICES),
  );
  for (const file of readdirSync(out)) {
    if (!wanted.has(file)) rmSync(join(out, file), { recursive: true });
  }
}

function report() {
  let tooLarge = false;
  for (const file of readdirSync(out).filter((name) => /\.(js|css)$/.test(name))) {
    const packed = gzipSync(readFileSync(join(out, file))).length;
    tooLarge ||= packed > GZIP_LIMIT;
    const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
    process.stdout.write(
      `${file.padEnd(28)}${kb(statSync(join(out, file)).size)}${kb(packed)} gzip\n`,
    );
  }
  if (tooLarge) {
    process.stderr.write(`A bundle is larger than ${GZIP_LIMIT / 1000} kB gzip.\n`);
    process.exitCode = 1;
  }
}

if (watch) {
  for (const options of builds) await (await esbuild.context(options)).watch();
} else {
  removeOrphans();
  const built = await Promise.all(builds.map((options) => esbuild.build(options)));
  const metafiles = built.flatMap(({ metafile }) => metafile ?? []);
  writeFileSync(join(out, NOTICES), notices(here, metafiles));
  report();
}
