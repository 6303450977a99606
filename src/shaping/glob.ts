/** Whether a name is like a pattern, where * stands for any text and ? for one character. Never slower than their product, by no RegExp. */
export function isLike(name: string, pattern: string): boolean {
  const letters = [...name];
  const signs = [...pattern];
  let at = 0;
  let sign = 0;
  let star = -1;
  let tried = 0;
  while (at < letters.length) {
    if (signs[sign] === '*') {
      star = sign;
      tried = at;
      sign += 1;
    } else if (sign < signs.length && (signs[sign] === '?' || signs[sign] === letters[at])) {
      at += 1;
      sign += 1;
    } else if (star >= 0) {
      // The last * takes one character more.
      tried += 1;
      at = tried;
      sign = star + 1;
    } else {
      return false;
    }
  }
  return signs.slice(sign).every((rest) => rest === '*');
}
