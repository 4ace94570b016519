import type { JsonObject } from '#ecs';
import { ServiceError, type Logger } from '#telemetry';
import type { Cluster } from '../cluster.js';
import type { ElasticConfig } from '../config.js';
import type { Names } from '../names.js';
import type { Features } from './features.js';
import { eventMappings } from './mappings.js';
import { templates, type Template } from './templates.js';

export interface Installation {
  readonly cluster: Cluster;
  readonly settings: ElasticConfig;
  readonly names: Names;
  readonly features: Features;
  readonly logger: Logger;
}

/**
 * Puts templates where they are missing or differ, and gives new fields to the stream that is written to.
 * @throws ServiceError `elastic_setup` when a template is missing and we may not put it.
 */
export async function install(installation: Installation): Promise<void> {
  const { cluster, settings, features } = installation;
  let changed = false;
  for (const template of templates(settings, features)) changed = (await put(installation, template)) || changed;
  if (features.lifecycle) await createStreams(installation);
  if (changed) await updateMapping(cluster, installation);
}

interface Found {
  readonly component_templates?: readonly { readonly component_template: { readonly _meta?: { readonly hash?: string } } }[];
  readonly index_templates?: readonly { readonly index_template: { readonly _meta?: { readonly hash?: string } } }[];
}

async function put({ cluster, logger }: Installation, { path, body }: Template): Promise<boolean> {
  const { status, body: found } = await cluster.request<Found>('GET', path, { expect: [403, 404] });
  const meta = found.component_templates?.[0]?.component_template._meta ?? found.index_templates?.[0]?.index_template._meta;
  if (status === 200 && meta?.hash === (body['_meta'] as JsonObject)['hash']) return false;
  try {
    await cluster.request('PUT', path, { body });
    return true;
  } catch (cause) {
    if (!(cause instanceof ServiceError) || cause.code !== 'elastic_refused') throw cause;
    if (status === 404) {
      const message = `The template ${path} is missing and we may not put it: give the key the cluster privilege manage_index_templates, or let somebody who has it run "gatewatch" once.`;
      throw new ServiceError('elastic_setup', message, { cause });
    }
    // Somebody else keeps the templates, or we may not look.
    logger.warn('A template of Elasticsearch could not be brought up to date.', { path, reason: cause.message });
    return false;
  }
}

/** Where there is an API for it the streams are made at once, so that a data view finds them before the first event. */
async function createStreams({ cluster, names, settings, logger }: Installation): Promise<void> {
  for (const stream of [names.events, names.deadLetters]) {
    try {
      await cluster.request('PUT', `/_data_stream/${stream}`, { expect: [400] });
      const body = { data_retention: `${Math.ceil(settings.retention / 3_600_000)}h` };
      await cluster.request('PUT', `/_data_stream/${stream}/_lifecycle`, { body });
    } catch (error) {
      // The first event makes the stream too; its template has the retention.
      logger.warn('A data stream could not be made beforehand.', { stream, reason: (error as Error).message });
    }
  }
}

/** Adding fields to a mapping is always possible; changing one is not, and waits for the next backing index. */
async function updateMapping(cluster: Cluster, { names, features, logger }: Installation): Promise<void> {
  const { dynamic, properties } = eventMappings(features);
  const query = { write_index_only: true };
  const { status } = await cluster.request('PUT', `/${names.events}/_mapping`, {
    query,
    body: { dynamic, properties },
    expect: [400, 403, 404],
  });
  if (status === 400 || status === 403)
    logger.warn('The mapping of the events changes with the next backing index.', { stream: names.events });
}
