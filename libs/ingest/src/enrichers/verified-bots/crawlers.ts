/** A crawler whose operator says how to tell it from those that only call themselves so. */
export interface Crawler {
  readonly name: string;
  /** What it calls itself in the user agent, in lower case: one of these is enough. */
  readonly claims: readonly string[];
  /** Domains that the names of its addresses end in, as its operator documents; none where he publishes networks only. */
  readonly domains: readonly string[];
  /** File of its published networks. */
  readonly ranges?: string | undefined;
}

/** By the operators' own documentation of how to verify them; those without domains publish lists of networks. */
export const shippedCrawlers: readonly Crawler[] = [
  {
    name: 'googlebot',
    claims: ['googlebot', 'google-inspectiontool', 'googleother', 'storebot-google'],
    // Not googleusercontent.com, which Google names too: machines that anybody rents there have names in it.
    domains: ['googlebot.com', 'google.com'],
  },
  { name: 'bingbot', claims: ['bingbot', 'msnbot', 'bingpreview', 'adidxbot'], domains: ['search.msn.com'] },
  { name: 'applebot', claims: ['applebot'], domains: ['applebot.apple.com'] },
  { name: 'yandexbot', claims: ['yandexbot', 'yandeximages', 'yandexmobilebot'], domains: ['yandex.ru', 'yandex.net', 'yandex.com'] },
  { name: 'baiduspider', claims: ['baiduspider'], domains: ['baidu.com', 'baidu.jp'] },
  { name: 'amazonbot', claims: ['amazonbot'], domains: ['crawl.amazonbot.amazon'] },
  { name: 'yahoo-slurp', claims: ['yahoo! slurp'], domains: ['crawl.yahoo.net'] },
  { name: 'seznambot', claims: ['seznambot'], domains: ['seznam.cz'] },
  { name: 'petalbot', claims: ['petalbot'], domains: ['petalsearch.com', 'aspiegel.com'] },
  { name: 'ccbot', claims: ['ccbot'], domains: ['crawl.commoncrawl.org'] },
  { name: 'duckduckbot', claims: ['duckduckbot'], domains: [] },
  { name: 'gptbot', claims: ['gptbot', 'oai-searchbot', 'chatgpt-user'], domains: [] },
];

/** The shipped crawlers, of which those that the settings name are replaced; the settings' first, so that their claims win. */
export function crawlersOf(configured: readonly Crawler[]): readonly Crawler[] {
  const own = configured.map((crawler): Crawler => {
    const shipped = shippedCrawlers.find(({ name }) => name === crawler.name);
    return {
      name: crawler.name,
      claims: crawler.claims.length
        ? crawler.claims.map((claim) => claim.toLowerCase())
        : (shipped?.claims ?? [crawler.name.toLowerCase()]),
      domains: crawler.domains.length ? crawler.domains.map((domain) => domain.toLowerCase()) : (shipped?.domains ?? []),
      ranges: crawler.ranges,
    };
  });
  return [...own, ...shippedCrawlers.filter(({ name }) => !own.some((each) => each.name === name))];
}

/** The crawler that a user agent claims to be: the first of the list that it names. */
export function claimedCrawler(agent: string, crawlers: readonly Crawler[]): Crawler | undefined {
  const text = agent.toLowerCase();
  return crawlers.find(({ claims }) => claims.some((claim) => text.includes(claim)));
}
