import type { JsonObject } from '#ecs';
import { namesIn } from '../names.js';

/**
 * What analysts import into Kibana (8.19 and later): data views, searches and a dashboard, as lines of a saved objects file.
 * Their ids are fixed, so that a second import replaces the first one.
 */
export function savedObjects(): JsonObject[] {
  return [...Object.values(views).map(dataView), ...searches.map(savedSearch), ...panels.map(visualization), dashboard()];
}

const any = namesIn('*');

interface View {
  readonly id: string;
  readonly pattern: string;
  readonly name: string;
}

const views = {
  events: { id: 'gatewatch-events', pattern: any.events, name: 'Gatewatch: events' },
  deadLetters: { id: 'gatewatch-dead-letters', pattern: any.deadLetters, name: 'Gatewatch: dead letters' },
  signals: { id: 'gatewatch-signals', pattern: any.signals, name: 'Gatewatch: signals' },
} satisfies Record<string, View>;

function dataView({ id, pattern, name }: View): JsonObject {
  return {
    id,
    type: 'index-pattern',
    attributes: { title: pattern, name, timeFieldName: '@timestamp', allowNoIndex: true },
    references: [],
  };
}

interface Search {
  readonly id: string;
  readonly title: string;
  readonly view: View;
  /** KQL. */
  readonly query: string;
  readonly columns: readonly string[];
}

const requestColumns = [
  'source.ip',
  'gatewatch.principal',
  'http.request.method',
  'url.path',
  'http.response.status_code',
  'user_agent.original',
];

/** Searches that an analyst begins with. `docs/kibana/README.md` explains them; a spec checks that every field in them is mapped. */
export const searches: readonly Search[] = [
  {
    id: 'gatewatch-search-open-signals',
    title: 'Gatewatch: open signals, high and critical',
    view: views.signals,
    query: 'gatewatch.signal.status: "open" and gatewatch.signal.level: ("high" or "critical")',
    columns: ['gatewatch.signal.level', 'rule.name', 'message', 'source.ip', 'user.name', 'gatewatch.signal.count', 'event.end'],
  },
  {
    id: 'gatewatch-search-login-failures',
    title: 'Gatewatch: failed logins',
    view: views.events,
    query: 'event.category: "authentication" and event.outcome: "failure"',
    columns: ['source.ip', 'user.name', 'event.action', 'url.path', 'http.response.status_code', 'source.geo.country_iso_code'],
  },
  {
    id: 'gatewatch-search-login-successes',
    title: 'Gatewatch: successful logins',
    view: views.events,
    query: 'event.category: "authentication" and event.outcome: "success"',
    columns: ['source.ip', 'user.name', 'source.geo.country_iso_code', 'source.as.organization.name', 'user_agent.original'],
  },
  {
    id: 'gatewatch-search-refused',
    title: 'Gatewatch: refused requests (401, 403)',
    view: views.events,
    query: 'http.response.status_code: (401 or 403)',
    columns: requestColumns,
  },
  {
    id: 'gatewatch-search-server-errors',
    title: 'Gatewatch: server errors',
    view: views.events,
    query: 'http.response.status_code >= 500',
    columns: [...requestColumns, 'service.name'],
  },
  {
    id: 'gatewatch-search-dead-letters',
    title: 'Gatewatch: records that could not be understood',
    view: views.deadLetters,
    query: '',
    columns: ['error.code', 'error.message', 'gatewatch.source.name', 'event.original'],
  },
];

function savedSearch({ id, title, view, query, columns }: Search): JsonObject {
  const source = { query: { query, language: 'kuery' }, filter: [], indexRefName: searchReference };
  return {
    id,
    type: 'search',
    attributes: {
      title,
      description: '',
      columns: [...columns],
      sort: [['@timestamp', 'desc']],
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    references: [{ id: view.id, name: searchReference, type: 'index-pattern' }],
  };
}

const searchReference = 'kibanaSavedObjectMeta.searchSourceJSON.index';

interface Panel {
  readonly id: string;
  readonly title: string;
  readonly view: View;
  readonly query: string;
  /** Bars over time, or the top values of a field. */
  readonly by: { readonly time: true; readonly split?: string } | { readonly top: string };
  readonly width: 24 | 48 | 16;
}

/** Panels of the dashboard, from left to right and from above. */
export const panels: readonly Panel[] = [
  {
    id: 'gatewatch-panel-signals',
    title: 'Signals by level',
    view: views.signals,
    query: '',
    by: { time: true, split: 'gatewatch.signal.level' },
    width: 24,
  },
  {
    id: 'gatewatch-panel-statuses',
    title: 'Requests by status',
    view: views.events,
    query: '',
    by: { time: true, split: 'http.response.status_code' },
    width: 24,
  },
  { id: 'gatewatch-panel-rules', title: 'Rules that fired', view: views.signals, query: '', by: { top: 'rule.name' }, width: 16 },
  { id: 'gatewatch-panel-subjects', title: 'Addresses in signals', view: views.signals, query: '', by: { top: 'source.ip' }, width: 16 },
  {
    id: 'gatewatch-panel-techniques',
    title: 'ATT&CK techniques',
    view: views.signals,
    query: '',
    by: { top: 'threat.technique.id' },
    width: 16,
  },
  {
    id: 'gatewatch-panel-failures',
    title: 'Failed logins by address',
    view: views.events,
    query: 'event.category: "authentication" and event.outcome: "failure"',
    by: { top: 'source.ip' },
    width: 16,
  },
  {
    id: 'gatewatch-panel-accounts',
    title: 'Failed logins by account',
    view: views.events,
    query: 'event.category: "authentication" and event.outcome: "failure"',
    by: { top: 'user.name' },
    width: 16,
  },
  {
    id: 'gatewatch-panel-routes',
    title: 'Refused requests by route',
    view: views.events,
    query: 'http.response.status_code: (401 or 403)',
    by: { top: 'gatewatch.route' },
    width: 16,
  },
];

function visualization({ id, title, view, query, by }: Panel): JsonObject {
  const source = { query: { query, language: 'kuery' }, filter: [], indexRefName: searchReference };
  const state = 'time' in by ? bars(title, by.split) : table(title, by.top);
  return {
    id,
    type: 'visualization',
    attributes: {
      title: `Gatewatch: ${title}`,
      description: '',
      visState: JSON.stringify(state),
      uiStateJSON: '{}',
      version: 1,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    references: [{ id: view.id, name: searchReference, type: 'index-pattern' }],
  };
}

const count = { id: '1', enabled: true, type: 'count', schema: 'metric', params: {} };

function terms(id: string, schema: string, field: string, size: number): JsonObject {
  return { id, enabled: true, type: 'terms', schema, params: { field, orderBy: '1', order: 'desc', size, otherBucket: false } };
}

function bars(title: string, split: string | undefined): JsonObject {
  const time = { id: '2', enabled: true, type: 'date_histogram', schema: 'segment', params: { field: '@timestamp', interval: 'auto' } };
  return {
    title,
    type: 'histogram',
    aggs: [count, time, ...(split ? [terms('3', 'group', split, 10)] : [])],
    params: { type: 'histogram', addLegend: true, addTooltip: true, legendPosition: 'right' },
  };
}

function table(title: string, field: string): JsonObject {
  return { title, type: 'table', aggs: [count, terms('2', 'bucket', field, 20)], params: { perPage: 10, showTotal: false } };
}

const boardWidth = 48;
const panelHeight = 13;

function dashboard(): JsonObject {
  let x = 0;
  let y = 0;
  const places = panels.map(({ id, width }) => {
    if (x + width > boardWidth) [x, y] = [0, y + panelHeight];
    const grid = { x, y, w: width, h: panelHeight, i: id };
    x += width;
    return { type: 'visualization', panelIndex: id, gridData: grid, panelRefName: `panel_${id}`, embeddableConfig: {} };
  });
  const source = { query: { query: '', language: 'kuery' }, filter: [] };
  return {
    id: 'gatewatch-dashboard',
    type: 'dashboard',
    attributes: {
      title: 'Gatewatch',
      description: 'Signals and the traffic they came from.',
      panelsJSON: JSON.stringify(places),
      optionsJSON: JSON.stringify({ useMargins: true, syncColors: false, hidePanelTitles: false }),
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      version: 1,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    references: panels.map(({ id }) => ({ id, name: `${id}:panel_${id}`, type: 'visualization' })),
  };
}
