/**
 * Whether a host name is as a pattern says: `*` for any text, `?` for one character, letters of either case.
 * Compared by hand and not by a regular expression, whose time a pattern of many stars could make endless.
 */
export function matchesHost(pattern: string, hostname: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = hostname.toLowerCase();
  let at = 0;
  let star = -1;
  let resume = 0;
  let index = 0;
  while (index < given.length) {
    if (wanted[at] === '*') {
      star = at;
      resume = index;
      at += 1;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[index])) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      resume += 1;
      at = star + 1;
      index = resume;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
