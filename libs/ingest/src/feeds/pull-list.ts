import type { FeedConfig } from '../enrichers/threat-feeds/config.js';
import { readFeed } from '../enrichers/threat-feeds/read-feed.js';
import { get, PullError, type Got } from './fetch.js';
import type { PullState } from './feed-files.js';
import type { Pulled, PullRequest } from './pull.js';

/** A feed that is one document, asked for with what is known of the last one, so that an unchanged one is not sent again. */
export async function pullList(feed: FeedConfig, request: PullRequest, state: PullState | undefined): Promise<Pulled> {
  const conditions = {
    ...(state?.etag !== undefined && { 'if-none-match': state.etag }),
    ...(state?.modified !== undefined && { 'if-modified-since': state.modified }),
  };
  const found = await get({ ...request.get, url: request.url, headers: { accept: '*/*', ...conditions } });
  if (found.status === 304) {
    if (!state) throw new PullError('broken', 'it answers 304 to a request without conditions');
    return { changed: false, state };
  }
  check(found, feed, request.get.now());
  const etag = found.headers.get('etag');
  const modified = found.headers.get('last-modified');
  return { changed: true, pieces: [found.body], state: { ...(etag !== null && { etag }), ...(modified !== null && { modified }) } };
}

/** An error page with status 200, or an empty body, must not take the place of a feed. */
function check({ body, headers }: Got, feed: FeedConfig, now: number): void {
  if (/\btext\/html\b/i.test(headers.get('content-type') ?? '')) throw new PullError('broken', 'it answers with a page of HTML');
  let size = 0;
  try {
    for (const { networks } of readFeed(body.toString('latin1'), feed, now).groups) size += networks.size;
  } catch (error) {
    throw new PullError('broken', `it cannot be used: ${(error as Error).message}`);
  }
  if (size === 0) throw new PullError('broken', 'it cannot be used: it is empty');
}
