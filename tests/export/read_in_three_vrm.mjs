// Print what @pixiv/three-vrm-animation reads from a .vrma or .glb file, as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

globalThis.self = globalThis; // the loaders expect a browser
const load = (path) =>
  import(pathToFileURL(join(process.env.VITRUVIAN_NODE_MODULES, path)).href);
const { GLTFLoader } = await load("three/examples/jsm/loaders/GLTFLoader.js");
const { VRMAnimationLoaderPlugin } = await load(
  "@pixiv/three-vrm-animation/lib/three-vrm-animation.module.js",
);
const bytes = readFileSync(process.argv[2]);
const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const loader = new GLTFLoader();
loader.register((parser) => new VRMAnimationLoaderPlugin(parser));
const [animation] = (await loader.parseAsync(data, "")).userData.vrmAnimations;
const { rotation, translation } = animation.humanoidTracks;
console.log(
  JSON.stringify({
    duration: animation.duration,
    rotations: [...rotation.keys()],
    frames: Math.min(...[...rotation.values()].map((track) => track.times.length)),
    translations: [...translation.keys()],
    hips: animation.restHipsPosition.toArray(),
  }),
);
