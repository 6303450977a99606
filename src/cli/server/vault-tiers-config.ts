/** The plans in the file of `seneschal vault serve` (P4). */
import { z } from 'zod';
import { DEFAULT_CATALOG, PLAN_FEATURES, planCatalog, type TierCatalog } from '#vault/common/tiers.ts';

const cap = z.int().min(0).nullable();

const plan = z.strictObject({
  name: z.string().min(1).max(64),
  /** null: none. */
  caps: z.strictObject({
    members: cap,
    projects: cap,
    machines: cap,
    /** 0: the plan has no groups. */
    groups: cap,
    storedBytes: cap,
  }),
  features: z.array(z.enum(PLAN_FEATURES)).default([]),
  /** Named in refusals. */
  billingUrl: z.union([z.literal(''), z.url({ protocol: /^https$/ })]).default(''),
  /** Of who takes the plan by themselves; null: without an end. */
  trialDays: z.int().min(1).max(3650).nullable().default(null),
});

export const plansConfig = z
  .strictObject({
    /** In the place of the defaults. */
    catalog: z
      .array(plan)
      .min(1)
      .refine((plans) => new Set(plans.map(({ name }) => name)).size === plans.length, {
        message: 'names a plan twice',
      })
      .optional(),
    /** Plans that accounts take by themselves. */
    selfService: z.array(z.string()).default(['Free']),
    /** Of new personal vaults. */
    personal: z.string().default('Free'),
    vaultsPerAccount: z.int().min(0).max(1000).default(10),
  })
  .superRefine(({ catalog, selfService, personal }, context) => {
    const names = catalog?.map(({ name }) => name) ?? [...DEFAULT_CATALOG.offers.keys()];
    for (const [index, name] of selfService.entries()) {
      if (names.includes(name)) continue;
      const message = 'is no plan of the catalog';
      context.addIssue({ code: 'custom', path: ['selfService', index], message });
    }
    if (!names.includes(personal)) {
      context.addIssue({ code: 'custom', path: ['personal'], message: 'is no plan of the catalog' });
    }
  });

/** What the server goes by. */
export function catalogOf(config: z.infer<typeof plansConfig> | undefined): TierCatalog {
  if (config === undefined) return DEFAULT_CATALOG;
  const { catalog, ...terms } = config;
  return planCatalog(catalog, terms);
}
