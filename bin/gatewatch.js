#!/usr/bin/env node
const processes = { ingest: 'ingest', detector: 'detector', alerting: 'alerting', query: 'query' };
const app = Object.hasOwn(processes, process.argv[2] ?? '') ? processes[process.argv[2]] : 'embedded';
await import(`../dist/apps/${app}/src/main.js`);
