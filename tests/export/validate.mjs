// Print the messages of Khronos' glTF validator for one file, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.VITRUVIAN_NODE_MODULES, "x.js"));
const report = await require("gltf-validator").validateBytes(
  new Uint8Array(readFileSync(process.argv[2])),
);
console.log(JSON.stringify(report.issues));
