/** What a temporary machine is held to beside its end. */
export const GUARDRAILS = ['alter table machines add column guardrails text'];
