/** Painter: draws capsules and planes on a canvas with WebGL 2. */

import { CAPSULE, PLANE, SHADOW } from "./shaders.js";

/** @typedef {import("./types.js").Point} Point */

/**
 * A limb, a joint (start = end), a bone of an arrow: lit, with round ends.
 * @typedef {object} Capsule
 * @property {Point} start
 * @property {Point} end
 * @property {number} startRadius
 * @property {number} endRadius
 * @property {Point} color red, green, blue, 0 to 1
 * @property {boolean} [noShadow]
 *
 * A plane with a corner at its origin and the sides u and v from there; `cells` of its grid along them.
 * @typedef {{kind: "wall"|"floor"|"picture", origin: Point, u: Point, v: Point, cells: [number, number]}} Plane
 *
 * @typedef {{capsules: Capsule[], planes: Plane[]}} Drawing planes in the order of drawing; the floor has shadows
 * @typedef {{matrix: import("./matrix.js").Matrix, place: Point}} Eye
 */

const N_FLOATS = 12; // of an instance
/** Sides of a capsule, rings of its domes, size of the shadows. Without a graphics card, each costs processor time. */
const CARD = { antialias: true, nSides: 20, nRings: 5, shadow_px: 512 };
const NO_CARD = { antialias: false, nSides: 12, nRings: 3, shadow_px: 128 };
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export class Painter {
  /** @param {HTMLCanvasElement} canvas @throws {Error} if there is no WebGL 2 */
  constructor(canvas) {
    this.isSoftware = isSoftware();
    const { antialias, nSides, nRings, shadow_px } = this.isSoftware ? NO_CARD : CARD;
    const gl = canvas.getContext("webgl2", { antialias, alpha: false });
    if (!gl) throw new Error("this browser has no WebGL 2");
    this.gl = gl;
    this._shadow_px = shadow_px;
    /** @type {WebGLSync|null} */
    this._painting = null;
    this._capsule = program(gl, CAPSULE);
    this._shadow = program(gl, SHADOW);
    this._plane = program(gl, PLANE);
    const { points, faces } = capsuleMesh(nSides, nRings);
    this._nIndices = faces.length;
    this._instances = gl.createBuffer();
    this._solid = this._array(new Float32Array(points), 4, new Uint16Array(faces));
    this._flat = this._array(new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), 2);
    this._picture = texture(gl);
    this._dark = texture(gl);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, shadow_px, shadow_px, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    this._above = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this._above);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this._dark, 0);
  }

  /** What planes of the kind "picture" show. @param {CanvasImageSource} image */
  setPicture(image) {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, this._picture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, /** @type {any} */ (image));
  }

  /**
   * @param {Drawing} drawing
   * @param {Eye} eye
   * @param {Point} ink of the grids
   * @param {Point} paper the background
   */
  paint(drawing, eye, ink, paper) {
    const gl = this.gl;
    const floor = drawing.planes.find((plane) => plane.kind === "floor");
    if (floor) this._paintShadows(floor, drawing);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(...paper, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this._paintPlanes(drawing, eye, ink, paper);
    gl.enable(gl.DEPTH_TEST);
    this._capsule.use();
    gl.uniformMatrix4fv(this._capsule.at("matrix"), false, eye.matrix);
    gl.uniform3fv(this._capsule.at("eye"), eye.place);
    gl.bindVertexArray(this._solid);
    const n = this._upload(drawing.capsules);
    gl.drawElementsInstanced(gl.TRIANGLES, this._nIndices, gl.UNSIGNED_SHORT, 0, n);
    gl.bindVertexArray(null);
    gl.deleteSync(this._painting);
    this._painting = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
  }

  /** Whether the last painting is complete; answers anew once in each task. */
  get isDone() {
    const gl = this.gl;
    return !this._painting || gl.isContextLost() || gl.getSyncParameter(this._painting, gl.SYNC_STATUS) === gl.SIGNALED;
  }

  /** Planes are behind everything, whatever their depth. @param {Drawing} drawing @param {Eye} eye @param {Point} ink @param {Point} paper */
  _paintPlanes(drawing, eye, ink, paper) {
    const gl = this.gl;
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendEquation(gl.FUNC_ADD);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    this._plane.use();
    gl.uniformMatrix4fv(this._plane.at("matrix"), false, eye.matrix);
    gl.uniform3fv(this._plane.at("ink"), ink);
    gl.uniform3fv(this._plane.at("paper"), paper);
    gl.bindVertexArray(this._flat);
    for (const plane of drawing.planes) {
      gl.bindTexture(gl.TEXTURE_2D, plane.kind === "picture" ? this._picture : this._dark);
      gl.uniform1i(this._plane.at("kind"), ["wall", "floor", "picture"].indexOf(plane.kind));
      gl.uniform3fv(this._plane.at("origin"), plane.origin);
      gl.uniform3fv(this._plane.at("u"), plane.u);
      gl.uniform3fv(this._plane.at("v"), plane.v);
      gl.uniform2fv(this._plane.at("cells"), plane.cells);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
    gl.disable(gl.BLEND);
  }

  /** Draw how dark the floor is at each place into a texture. @param {Plane} floor @param {Drawing} drawing */
  _paintShadows(floor, drawing) {
    const gl = this.gl;
    gl.bindTexture(gl.TEXTURE_2D, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this._above);
    gl.viewport(0, 0, this._shadow_px, this._shadow_px);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendEquation(gl.MAX); // limbs that meet are no darker than one
    this._shadow.use();
    const [halfX, halfZ] = [floor.u[0] / 2, floor.v[2] / 2];
    gl.uniform4f(this._shadow.at("floor_"), floor.origin[0] + halfX, floor.origin[2] + halfZ, halfX, halfZ);
    gl.uniform1f(this._shadow.at("ground"), floor.origin[1]);
    gl.bindVertexArray(this._flat);
    const n = this._upload(drawing.capsules.filter((capsule) => !capsule.noShadow));
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, n);
  }

  /** Hand the capsules to the bound vertex array. @param {Capsule[]} capsules */
  _upload(capsules) {
    const data = new Float32Array(N_FLOATS * capsules.length);
    capsules.forEach(({ start, end, startRadius, endRadius, color }, i) => {
      data.set([...start, startRadius, ...end, endRadius, ...color, 1], N_FLOATS * i);
    });
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this._instances);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, data, this.gl.DYNAMIC_DRAW);
    return capsules.length;
  }

  /** A vertex array of a mesh, and of instances. @param {Float32Array} points @param {number} n floats of a point @param {Uint16Array} [faces] */
  _array(points, n, faces) {
    const gl = this.gl;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, points, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, n, gl.FLOAT, false, 0, 0);
    if (faces) {
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, this._instances);
    for (const place of [1, 2, 3]) {
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, 4, gl.FLOAT, false, 4 * N_FLOATS, 16 * (place - 1));
      gl.vertexAttribDivisor(place, 1);
    }
    gl.bindVertexArray(null);
    return array;
  }
}

/** Whether this browser has no graphics card to draw with, and computes each pixel itself. */
function isSoftware() {
  const gl = document.createElement("canvas").getContext("webgl2");
  const name = gl?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl?.RENDERER;
  return name !== undefined && SOFTWARE.test(gl?.getParameter(name));
}

/** @param {WebGL2RenderingContext} gl */
function texture(gl) {
  const made = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, made);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return made;
}

/** @param {WebGL2RenderingContext} gl @param {{vertex: string, fragment: string}} sources */
function program(gl, { vertex, fragment }) {
  const made = /** @type {WebGLProgram} */ (gl.createProgram());
  const add = (/** @type {number} */ kind, /** @type {string} */ source) => {
    const shader = /** @type {WebGLShader} */ (gl.createShader(kind));
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  };
  add(gl.VERTEX_SHADER, vertex);
  add(gl.FRAGMENT_SHADER, fragment);
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`WebGL 2 cannot build a program: ${gl.getProgramInfoLog(made)}`);
  }
  return { use: () => gl.useProgram(made), at: (/** @type {string} */ name) => gl.getUniformLocation(made, name) };
}

/** Rings from the lower dome to the upper one: x, place along the capsule, z, height on the dome. @param {number} nSides @param {number} nRings of a dome */
function capsuleMesh(nSides, nRings) {
  const rings = [];
  for (let i = 0; i <= nRings; i++) rings.push([0, -Math.cos((Math.PI / 2) * (i / nRings))]);
  for (let i = 0; i <= nRings; i++) rings.push([1, Math.sin((Math.PI / 2) * (i / nRings))]);
  rings[nRings][1] = 0;
  const points = [];
  const faces = [];
  for (const [along, height] of rings) {
    for (let k = 0; k < nSides; k++) {
      const angle = (2 * Math.PI * k) / nSides;
      points.push(Math.cos(angle), along, Math.sin(angle), height);
    }
  }
  for (let ring = 0; ring + 1 < rings.length; ring++) {
    for (let k = 0; k < nSides; k++) {
      const [a, b] = [ring * nSides + k, ring * nSides + ((k + 1) % nSides)];
      faces.push(a, b, a + nSides, b, b + nSides, a + nSides);
    }
  }
  return { points, faces };
}
