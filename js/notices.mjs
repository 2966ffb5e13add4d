// The licences of the packages inside the bundles: their terms ask that the notices travel along.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LICENCE = /^(licen[cs]e|copying|notice)/i;

/** Folders below node_modules whose code esbuild put into an output, by its metafiles. */
function bundledPackages(metafiles) {
  const found = new Set();
  for (const { inputs, outputs } of metafiles) {
    const used = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
    const files = used.filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && inputs[file]);
    for (const [file] of files) {
      const match = file.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
      if (match) found.add(match[1]);
    }
  }
  return [...found].sort();
}

/** The packages and what they depend on: a published bundle may hold the code of those inside. */
function withDependencies(root, folders) {
  const all = new Set();
  const visit = (folder) => {
    const about = join(root, folder, "package.json");
    if (all.has(folder) || !existsSync(about)) return;
    all.add(folder);
    const { dependencies = {} } = JSON.parse(readFileSync(about, "utf8"));
    for (const name of Object.keys(dependencies)) visit(`node_modules/${name}`);
  };
  folders.forEach(visit);
  return [...all].sort();
}

/** One text: name, version, licence and the licence's own words of each package, in order. */
export function notices(root, metafiles) {
  const folders = withDependencies(root, bundledPackages(metafiles));
  const entries = folders.map((folder) => {
    const path = join(root, folder);
    const about = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    if (!about.license) throw new Error(`${about.name} names no licence; it cannot be bundled.`);
    const texts = readdirSync(path).filter((file) => LICENCE.test(file));
    const words = texts.sort().map((file) => readFileSync(join(path, file), "utf8").trim());
    const author = about.author?.name ?? about.author ?? "";
    const head = `${about.name} ${about.version} (${about.license})${author ? ` by ${author}` : ""}`;
    return [head, ...words].join("\n\n");
  });
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  return ["The bundled views contain code of these packages.", ...entries].join(rule).concat("\n");
}
