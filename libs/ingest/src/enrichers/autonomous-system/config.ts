import { z } from 'zod';

export const networkClasses = ['hosting', 'vpn', 'tor', 'relay', 'mobile'] as const;
export type SourceClass = (typeof networkClasses)[number];

export const asClassesConfig = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe(
    `CSV of networks you know: an AS number, network or address, then one of ${networkClasses.join(', ')}. Wins over everything else.`,
  );
