import type { Event } from '#ecs';
import { CommandError } from '../commands/io.js';
import { sweptEvent, type StoredEvents, type SweepQuery } from '#query';

/** The store of a service that runs, and so has its data directory to itself: events come over its read door. */
export function askedEvents(base: string, key: string): StoredEvents {
  return {
    async *sweep(query: SweepQuery): AsyncGenerator<Event[]> {
      const { body } = await askService(urlOf(base, query), key);
      let ended = false;
      for await (const lines of wholeLines(body ?? emptyBody())) {
        const events = lines.flatMap((line) => sweptEvent(line, query.index) ?? []);
        ended = events.length < lines.length;
        if (events.length) yield events;
      }
      if (!ended) throw new CommandError('the service broke off before the last event: ask again, or see its log');
    },
  };
}

function urlOf(base: string, { from, to, slots, index }: SweepQuery): URL {
  const url = new URL('/v1/sweep', base);
  if (from !== undefined) url.searchParams.set('from', new Date(from).toISOString());
  if (to !== undefined) url.searchParams.set('to', new Date(to).toISOString());
  const names = index.names();
  for (const at of slots ?? []) url.searchParams.append('field', names[at]!);
  return url;
}

/** What the read door of a service answers. @throws CommandError for any other answer than success */
export async function askService(url: URL, key: string): Promise<Response> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${key}` } }).catch((error: Error) => {
    throw new CommandError(`the service does not answer at ${url.origin}: ${error.message}`);
  });
  if (response.ok) return response;
  const { detail = '' } = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new CommandError(`the service answers ${response.status}: ${detail}`);
}

function emptyBody(): AsyncIterable<Uint8Array> {
  return new Blob([]).stream();
}

async function* wholeLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let begun = '';
  try {
    for await (const chunk of body) {
      const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
      begun = lines.pop()!;
      if (lines.length) yield lines;
    }
  } catch (error) {
    throw error instanceof TypeError ? new CommandError(`the service broke off: ${error.message}`) : error;
  }
}
