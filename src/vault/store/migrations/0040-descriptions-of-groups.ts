/** G2: what a group is for, shown to people, as Git and people say it. */
export const DESCRIPTIONS_OF_GROUPS = ["alter table groups add column description text not null default ''"];
