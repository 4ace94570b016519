export { localDefaults, openLocalEngine } from './engine.js';
export type { LocalEngine, LocalOptions, LocalSettings } from './engine.js';
export type { DuckStore } from './store/duck-store.js';
