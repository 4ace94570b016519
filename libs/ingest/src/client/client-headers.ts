/** Headers that may tell the caller's address. The first two are lists of hops, the others one address. */
export const clientHeaders = ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'true-client-ip', 'x-real-ip'] as const;
export type ClientHeader = (typeof clientHeaders)[number];
