/** Null: members may be given the template. */
export const TEMPLATE_ARCHIVE = ['alter table templates add column archived_at bigint'];
