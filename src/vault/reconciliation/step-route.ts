/** Steps of a plan, run in order. */
import { ROUTES } from '#protocol/management.ts';
import { stepsRequest } from '#protocol/schemas.ts';
import { stepsAnswer } from '../http/answer-schemas.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import { runSteps } from './execution.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

export function stepRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context, report } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.steps,
    summary: 'Runs steps in order, each in a transaction of its own',
    operation: 'runSteps',
    body: stepsRequest,
    answer: stepsAnswer,
    handle: async ({ by, body }) => answered(await runSteps(context, by, body, report)),
  });
}
