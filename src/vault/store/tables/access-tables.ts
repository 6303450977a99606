/** The tables of what people are given: grants, groups, templates; part of `schema.ts`. */

export interface GrantTable {
  member_id: string;
  project_id: string;
  access: 'Read' | 'Write';
  /** M5: milliseconds; null: it has no end. */
  ends_at: number | null;
}

export interface GroupTable {
  id: string;
  vault_id: string;
  name: string;
  description: string;
  created_at: number;
}

/** Invitees are members of the table too, so a group may list them before they join (G2). */
export interface GroupMemberTable {
  group_id: string;
  member_id: string;
  /** M5. */
  ends_at: number | null;
}

export interface GroupGrantTable {
  group_id: string;
  project_id: string;
  access: 'Read' | 'Write';
  /** M5. */
  ends_at: number | null;
}

export interface TemplateTable {
  id: string;
  vault_id: string;
  name: string;
  description: string;
  /** JSON: category to list of cells. */
  capabilities: string;
  /** JSON: "All" or a list of project ids. */
  project_scope: string;
  /** Since when nobody new is given it; null: it is given. */
  archived_at: number | null;
}

export interface AccessTables {
  grants: GrantTable;
  groups: GroupTable;
  group_members: GroupMemberTable;
  group_grants: GroupGrantTable;
  templates: TemplateTable;
}
