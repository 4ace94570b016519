import { get, PullError } from './fetch.js';
import type { PullState } from './feed-files.js';
import { Indicators } from './indicators.js';
import type { Pulled, PullRequest } from './pull.js';

/** TAXII 2.1, 1.6.8.1. */
const mediaType = 'application/taxii+json;version=2.1';
const pageSize = 1000;
/** Pages of one pull: what is left is fetched by the next. */
const mostPages = 5000;

export interface Collection {
  /** URL of the API root. */
  readonly root: URL;
  readonly id: string;
  /** Where the bundle is kept. */
  readonly file: string;
  /** How long what has ended is kept, for events that come late and for old logs. */
  readonly keep: number;
}

interface Page {
  readonly objects: readonly unknown[];
  readonly more: boolean;
  readonly next: string | undefined;
  /** `X-TAXII-Date-Added-Last`. */
  readonly added: string | undefined;
}

/**
 * What was added to a collection since the last pull (OASIS TAXII 2.1, 5.4): pages by `next`, or by the time of the last object where the server
 * gives none; merged by id into what is there.
 */
export async function pullTaxii(collection: Collection, request: PullRequest, state: PullState | undefined): Promise<Pulled> {
  const known = state && Indicators.read(collection.file);
  const reading = new Reading(known ?? new Indicators(), known ? state.added : undefined, known === undefined);
  let failure: PullError | undefined;
  try {
    await reading.pages((asked) => pageOf(collection, request, asked), request.get.maxBytes);
  } catch (error) {
    // Objects come in the order in which they were added: what was read until now need not be read again.
    if (!(error instanceof PullError) || !reading.changed || reading.count === 0 || error.reason === 'too_large') throw error;
    failure = error;
  }
  const { added, changed, indicators } = reading;
  const rest = { state: added === undefined ? {} : { added }, ...(failure && { failure }) };
  if (!changed) return { changed: false, ...rest };
  indicators.prune(request.get.now() - collection.keep);
  return { changed: true, pieces: indicators.bundle(), ...rest };
}

type Asked = Pick<Page, 'next' | 'added'>;

class Reading {
  /** Pages read. */
  count = 0;

  constructor(
    readonly indicators: Indicators,
    public added: string | undefined,
    public changed: boolean,
  ) {}

  async pages(fetchPage: (asked: Asked) => Promise<Page>, maxBytes: number): Promise<void> {
    let asked: Asked = { next: undefined, added: this.added };
    for (; this.count < mostPages; this.count++) {
      const page = await fetchPage(asked);
      for (const object of page.objects) if (this.indicators.add(object)) this.changed = true;
      const { size, bytes } = this.indicators;
      if (bytes > maxBytes)
        throw new PullError('too_large', `its ${size} indicators of addresses are larger than max_size (${maxBytes} bytes)`);
      this.added = page.added ?? this.added;
      if (!page.more) return;
      // With `next` the other parameters stay as they were in the first request.
      const following =
        page.next !== undefined ? { next: page.next, added: asked.added } : { next: undefined, added: page.added ?? asked.added };
      if (following.next === asked.next && following.added === asked.added)
        throw new PullError('broken', 'it says that there is more and gives the same page again');
      asked = following;
    }
  }
}

async function pageOf({ root, id }: Collection, request: PullRequest, { next, added }: Asked): Promise<Page> {
  const base = root.href.endsWith('/') ? root.href : `${root.href}/`;
  const url = new URL(`collections/${encodeURIComponent(id)}/objects/`, base);
  url.searchParams.set('match[type]', 'indicator');
  url.searchParams.set('limit', String(pageSize));
  if (added !== undefined) url.searchParams.set('added_after', added);
  if (next !== undefined) url.searchParams.set('next', next);
  const { body, headers } = await get({ ...request.get, url, headers: { accept: mediaType } });
  return readPage(body, headers.get('x-taxii-date-added-last') ?? undefined);
}

/** An envelope (TAXII 2.1, 3.7); an empty one is `{}`. */
function readPage(body: Buffer, last: string | undefined): Page {
  let envelope: unknown;
  try {
    envelope = JSON.parse(body.toString('utf8'));
  } catch {
    throw new PullError('broken', 'it answers with what is no JSON');
  }
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope))
    throw new PullError('broken', 'it answers with no envelope');
  const { objects = [], more = false, next } = envelope as { objects?: unknown; more?: unknown; next?: unknown };
  if (!Array.isArray(objects) || typeof more !== 'boolean') throw new PullError('broken', 'it answers with no envelope of objects');
  const added = last !== undefined && !Number.isNaN(Date.parse(last)) ? last : undefined;
  return { objects, more, next: typeof next === 'string' && next !== '' ? next : undefined, added };
}
