// Print what three.js reads from a .glb, .vrma or .bvh file: bones and their places, as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

globalThis.self = globalThis; // the loaders expect a browser
const load = (path) =>
  import(pathToFileURL(join(process.env.VITRUVIAN_NODE_MODULES, path)).href);
const THREE = await load("three/build/three.module.js");
const path = process.argv[2];
const bytes = readFileSync(path);

async function opened() {
  if (path.endsWith(".bvh")) {
    const { BVHLoader } = await load("three/examples/jsm/loaders/BVHLoader.js");
    const { skeleton, clip } = new BVHLoader().parse(bytes.toString());
    return { root: skeleton.bones[0], clip, bones: skeleton.bones };
  }
  const { GLTFLoader } = await load("three/examples/jsm/loaders/GLTFLoader.js");
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const gltf = await new GLTFLoader().parseAsync(data, "");
  const bones = [];
  let isSkinned = false;
  gltf.scene.traverse((node) => {
    if (node.isSkinnedMesh) isSkinned = true;
    else if (node !== gltf.scene && !node.isMesh && node.name !== "figure") bones.push(node);
  });
  return { root: gltf.scene, clip: gltf.animations[0], bones, isSkinned };
}

const { root, clip, bones, isSkinned } = await opened();
const mixer = new THREE.AnimationMixer(root);
const action = mixer.clipAction(clip).setLoop(THREE.LoopOnce, 1);
action.clampWhenFinished = true; // else the last frame would be the first one
action.play();
const times = [...clip.tracks[0].times];
const places = times.map((time) => {
  mixer.setTime(time);
  root.updateMatrixWorld(true);
  return bones.map((bone) => new THREE.Vector3().setFromMatrixPosition(bone.matrixWorld).toArray());
});
console.log(
  JSON.stringify({
    names: bones.map((bone) => bone.name),
    times,
    places,
    tracks: clip.tracks.length,
    isSkinned: Boolean(isSkinned),
  }),
);
