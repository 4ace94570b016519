import { z } from 'zod';
import { parseDuration } from '#time';

/** A duration in the settings of a rule type, as text. */
export const durationSetting = z.string().refine((text) => (parseDuration(text) ?? 0) > 0, 'expected a duration such as 7d');

/** Milliseconds of a duration that `durationSetting` let pass. */
export function millisOf(text: string): number {
  return parseDuration(text) ?? 0;
}
