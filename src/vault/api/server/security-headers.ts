/** What every answer of the API and the console says to a browser. */

/** Nothing of an answer may run, load or be framed. */
const apiPolicy = ["default-src 'none'", "frame-ancestors 'none'", 'sandbox'].join('; ');

/** The console: its own scripts, styles, images and calls, and nothing from anywhere else. */
const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

const common = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
} as const;

export const apiHeaders = {
  ...common,
  'content-security-policy': apiPolicy,
  'cache-control': 'no-store',
} as const;

export const consoleHeaders = {
  ...common,
  'content-security-policy': consolePolicy,
  'cross-origin-embedder-policy': 'require-corp',
} as const;
