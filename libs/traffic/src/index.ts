export { generateTraffic } from './traffic.js';
export type { Traffic, TrafficOptions } from './traffic.js';
export type { Planted } from './attacks/plan.js';
