/** A range of addresses as routes take it. */
import { z } from '@hono/zod-openapi';
import { isAddressRange } from '../common/addresses.ts';

export const addressRange = z.string().max(64).refine(isAddressRange, 'is no range of addresses');
