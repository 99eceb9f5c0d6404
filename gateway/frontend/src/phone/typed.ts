/** What people type, checked before it costs one of their tries. */

/** The eleven digits of a CPF whose check digits are right (weights 10..2 and 11..2, modulo 11), or null. */
export function validCpf(typed: string): string | null {
  const digits = typed.replace(/\D/g, "");
  if (!/^\d{11}$/.test(digits) || /^(\d)\1{10}$/.test(digits)) return null;
  return [9, 10].every((length) => checkDigit(digits.slice(0, length)) === Number(digits[length])) ? digits : null;
}

function checkDigit(digits: string): number {
  const sum = [...digits].reduce((total, digit, position) => total + Number(digit) * (digits.length + 1 - position), 0);
  return ((sum * 10) % 11) % 10;
}

/** `dd/mm/yyyy` as `yyyy-mm-dd`, or null where there is no such day. */
export function isoDate(typed: string): string | null {
  const found = /^\s*(\d{1,2})\D(\d{1,2})\D(\d{4})\s*$/.exec(typed) ?? /^\s*(\d{2})(\d{2})(\d{4})\s*$/.exec(typed);
  if (!found) return null;
  const [day, month, year] = found.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real ? date.toISOString().slice(0, 10) : null;
}
