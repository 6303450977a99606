import { z } from '@hono/zod-openapi';
import { DAYS, isTimeZone } from '../common/time-window.ts';

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);

/** Hours of the week in a time zone; `to` not later than `from`: on the next day. */
export const timeWindow = z.strictObject({
  timeZone: z.string().max(64).refine(isTimeZone, 'is no time zone'),
  days: z.array(z.enum(DAYS)).min(1).max(7).readonly(),
  from: timeOfDay,
  to: timeOfDay,
});
