/** The programs of the graphics card: lit capsules, and planes with a grid, a picture and shadows. */

const HEAD = `#version 300 es
precision highp float;
`;

/** A capsule stands on its start, mesh.y from 0 to 1 along it; mesh.w is the height on its domes. */
export const CAPSULE = {
  vertex: `${HEAD}
layout(location=0) in vec4 mesh;
layout(location=1) in vec4 start;
layout(location=2) in vec4 end;
layout(location=3) in vec4 color;
uniform mat4 matrix;
out vec3 normal, place, tint;
void main() {
  vec3 along = end.xyz - start.xyz;
  float length_ = length(along);
  vec3 y = length_ > 1e-6 ? along / length_ : vec3(0, 1, 0);
  vec3 x = normalize(cross(y, abs(y.y) < .9 ? vec3(0, 1, 0) : vec3(1, 0, 0)));
  float slope = length_ > 1e-6 ? clamp((start.w - end.w) / length_, -.95, .95) : 0.;
  vec3 side = x * mesh.x + cross(x, y) * mesh.z;
  float ring = sqrt(max(0., 1. - mesh.w * mesh.w));
  normal = side * ring + y * mesh.w;
  if (mesh.w == 0.) normal = normalize(side + y * slope);
  float radius = mix(start.w, end.w, mesh.y);
  place = mix(start.xyz, end.xyz, mesh.y) + radius * (side * ring + y * mesh.w);
  tint = color.rgb;
  gl_Position = matrix * vec4(place, 1);
}`,
  fragment: `${HEAD}
in vec3 normal, place, tint;
uniform vec3 eye;
out vec4 color;
void main() {
  vec3 n = normalize(normal), v = normalize(eye - place);
  vec3 key = normalize(normalize(vec3(-.35, .8, .5)) + .45 * v);
  float light = .42 + .2 * n.y + .48 * max(0., dot(n, key));
  float shine = pow(max(0., dot(reflect(-key, n), v)), 24.);
  float rim = pow(1. - max(0., dot(n, v)), 3.);
  color = vec4(tint * tint * light + .16 * shine + .1 * rim * tint, 1);
  color.rgb = sqrt(color.rgb);
}`,
};

/** The shadow of a capsule on the floor, seen from above: darkest where the capsule is near. */
export const SHADOW = {
  vertex: `${HEAD}
layout(location=0) in vec2 corner;
layout(location=1) in vec4 start;
layout(location=2) in vec4 end;
uniform vec4 floor_; // x, z of its middle, half its sides
uniform float ground;
out vec2 at;
flat out vec4 line;
flat out vec2 soft;
void main() {
  float low = min(start.y, end.y) - ground;
  soft = vec2(max(start.w, end.w) + .2 + .25 * max(0., low), .85 - .35 * smoothstep(0., 1.5, low));
  line = vec4(start.xz, end.xz);
  vec2 along = line.zw - line.xy;
  vec2 x = length(along) > 1e-6 ? normalize(along) : vec2(1, 0);
  vec2 y = vec2(-x.y, x.x);
  at = mix(line.xy, line.zw, corner.x * .5 + .5) + soft.x * (corner.x * x + corner.y * y);
  gl_Position = vec4((at - floor_.xy) / floor_.zw, 0, 1);
}`,
  fragment: `${HEAD}
in vec2 at;
flat in vec4 line;
flat in vec2 soft;
out vec4 color;
void main() {
  vec2 along = line.zw - line.xy, from = at - line.xy;
  float t = clamp(dot(from, along) / max(dot(along, along), 1e-9), 0., 1.);
  float near = 1. - smoothstep(0., soft.x, length(from - t * along));
  color = vec4(vec3(soft.y * near), 1);
}`,
};

export const PLANE = {
  vertex: `${HEAD}
layout(location=0) in vec2 corner;
uniform mat4 matrix;
uniform vec3 origin, u, v;
out vec2 at;
void main() {
  at = corner * .5 + .5;
  gl_Position = matrix * vec4(origin + at.x * u + at.y * v, 1);
}`,
  fragment: `${HEAD}
in vec2 at;
uniform sampler2D image;
uniform int kind; // 0: wall, 1: floor, 2: picture
uniform vec2 cells;
uniform vec3 ink, paper;
out vec4 color;
float lines(vec2 place) {
  vec2 width = fwidth(place);
  vec2 near = abs(fract(place - .5) - .5) / max(width, 1e-6);
  vec2 line = (1. - smoothstep(.1, 1.1, near)) * (1. - smoothstep(.15, .5, width));
  return max(line.x, line.y);
}
void main() {
  if (kind == 2) { color = vec4(texture(image, vec2(at.x, 1. - at.y)).rgb, 1); return; }
  vec2 rim = min(at, 1. - at) * cells;
  float edge = smoothstep(0., .35, min(rim.x, rim.y));
  float line = max(.34 * lines(at * cells), .12 * lines(at * cells * 4.) * edge);
  float shade = kind == 1 ? texture(image, at).r : 0.;
  vec3 base = mix(paper, ink, .045);
  vec3 dark = mix(base, vec3(0), .55 * shade);
  float cover = max(mix(.55, .9, edge), shade);
  color = vec4(mix(dark, ink, line * (1. - .6 * shade)), max(cover, line));
}`,
};
