// What hosts may be called, and where they may be. Pure.
//
// ssh is given these, as arguments and inside options: nothing that begins with `-`, no white space, no quotes, nothing
// that a shell of a ProxyCommand would understand. OpenSSH refuses much of it itself, but only since 9.6.

const word = String.raw`[\p{L}\p{M}\p{N}._+][\p{L}\p{M}\p{N}._+-]*`;
const ipv6 = String.raw`(?=[^%]*:[^%]*:)[0-9A-Fa-f:.]+(?:%[\w.-]+)?`;
const user = String.raw`[\p{L}\p{N}_][\p{L}\p{M}\p{N}._+\\-]*`;
const hop = `(?:${user}@)?(?:${word}|\\[${ipv6}\\])(?::\\d{1,5})?`;

/** A host's name or address: letters of any script, digits, `.`, `_`, `+`, `-`; or an IPv6 address. */
export const hostNamePattern = new RegExp(`^(?:${word}|${ipv6})$`, "u");

/** A login's name. */
export const userPattern = new RegExp(`^${user}$`, "u");

/** Hosts on the way as `ssh -J` takes them, or `none`. */
export const jumpPattern = new RegExp(`^${hop}(?:,${hop}){0,7}$`, "u");

/** A group's or tag's name: what a TARGET can be told by, so neither `/` nor what a glob is made of. */
export const groupNamePattern = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._+ -]{0,99}$/u;
