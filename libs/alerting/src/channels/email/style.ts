import type { Level } from '#ecs';

/** Inline, because several mail programs drop style sheets; the sheet below only adds the dark colours and the narrow layout. */
export const style = {
  body: 'margin:0;padding:0;background:#eef0f4;color:#1c2230;-webkit-text-size-adjust:100%;',
  hidden: 'display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;',
  page: 'width:100%;background:#eef0f4;',
  pageCell: 'padding:24px 12px;',
  card: "width:100%;max-width:640px;background:#ffffff;border:1px solid #dde1e8;border-radius:10px;border-collapse:separate;overflow:hidden;text-align:left;font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:15px;line-height:1.5;color:#1c2230;",
  inner: 'padding:22px 28px 26px;',
  brand: 'font-size:12px;letter-spacing:0.04em;color:#667085;',
  pill: 'display:inline-block;padding:2px 10px;border-radius:999px;font-size:12px;line-height:20px;font-weight:700;letter-spacing:0.04em;text-transform:uppercase;color:#ffffff;',
  state:
    'display:inline-block;padding:1px 9px;margin-left:6px;border:1px solid #b9c0cc;border-radius:999px;font-size:12px;line-height:20px;font-weight:600;color:#475066;',
  title: 'margin:10px 0;font-size:22px;line-height:1.25;font-weight:700;color:#101828;overflow-wrap:anywhere;word-break:break-word;',
  reason: 'margin:0;font-size:16px;line-height:1.45;color:#344054;overflow-wrap:anywhere;word-break:break-word;',
  note: 'margin:14px 0 0;padding:10px 14px;border-left:4px solid #b54708;background:#fff6e5;color:#5c3305;font-size:14px;overflow-wrap:anywhere;word-break:break-word;',
  facts: 'width:100%;margin:18px 0 0;border-collapse:collapse;',
  label:
    'width:116px;padding:7px 14px 7px 0;border-top:1px solid #e8ebf0;vertical-align:top;font-size:13px;line-height:21px;font-weight:400;text-align:left;color:#667085;',
  value:
    'padding:7px 0;border-top:1px solid #e8ebf0;vertical-align:top;font-size:14px;line-height:21px;color:#1c2230;overflow-wrap:anywhere;word-break:break-word;',
  strong: 'font-weight:600;',
  button:
    'display:inline-block;margin:20px 0 0;padding:10px 18px;border-radius:8px;background:#175cd3;color:#ffffff;font-size:15px;font-weight:600;text-decoration:none;',
  heading: 'margin:26px 0 6px;font-size:14px;line-height:1.3;font-weight:700;color:#101828;',
  text: 'margin:0;font-size:15px;line-height:1.55;color:#344054;overflow-wrap:anywhere;word-break:break-word;',
  action:
    'margin:0;padding:12px 16px;border-radius:8px;background:#eff6ff;border:1px solid #cfe0fb;font-size:15px;line-height:1.6;color:#14315f;overflow-wrap:anywhere;word-break:break-word;',
  nextLine: 'margin:6px 0 0;',
  code: "padding:4px 14px;border-radius:8px;background:#f5f6f8;border:1px solid #e3e6ec;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'Liberation Mono',monospace;font-size:12px;line-height:1.5;color:#1c2230;",
  line: 'padding:8px 0;border-bottom:1px solid #e3e6ec;overflow-wrap:anywhere;word-break:break-word;',
  lastLine: 'padding:8px 0;overflow-wrap:anywhere;word-break:break-word;',
  stamp: 'display:block;font-size:11px;color:#667085;word-break:normal;',
  list: 'margin:0;padding:0 0 0 20px;font-size:15px;line-height:1.55;color:#344054;overflow-wrap:anywhere;word-break:break-word;',
  link: 'color:#175cd3;text-decoration:underline;overflow-wrap:anywhere;word-break:break-all;',
  tag: 'display:inline-block;margin:0 4px 6px 0;padding:1px 8px;border-radius:6px;background:#eef0f4;border:1px solid #dde1e8;font-size:12px;line-height:18px;color:#475066;',
  foot: 'margin:22px 0 0;padding:14px 0 0;border-top:1px solid #e8ebf0;font-size:12px;line-height:1.6;color:#667085;overflow-wrap:anywhere;word-break:break-word;',
} as const;

/** White text on each of them has a contrast of at least 4.5 to 1. */
export const accents: Readonly<Record<Level, string>> = {
  critical: '#9e1239',
  high: '#c4320a',
  medium: '#946200',
  low: '#1f5fae',
  informational: '#566074',
};
export const closedAccent = '#1d7a4c';

/** Classes exist for this sheet alone. Gmail and Outlook ignore `prefers-color-scheme` and turn the inline colours over themselves. */
export const sheet = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 480px) {
  .gw-outer { padding: 0 !important; }
  .gw-card { border-radius: 0 !important; border-left: 0 !important; border-right: 0 !important; }
  .gw-inner { padding: 18px 16px 22px !important; }
  .gw-title { font-size: 20px !important; }
  .gw-label { width: 88px !important; padding-right: 10px !important; }
  .gw-button { display: block !important; text-align: center !important; }
}
@media (prefers-color-scheme: dark) {
  .gw-page { background: #0f1216 !important; }
  .gw-card { background: #191d24 !important; border-color: #2c323d !important; color: #e6e9ef !important; }
  .gw-title, .gw-heading, .gw-value { color: #f2f4f8 !important; }
  .gw-text { color: #cfd5e0 !important; }
  .gw-muted, .gw-label { color: #98a2b3 !important; }
  .gw-label, .gw-value, .gw-foot { border-color: #2c323d !important; }
  .gw-state { color: #cfd5e0 !important; border-color: #56607a !important; }
  .gw-action { background: #14233d !important; border-color: #24406e !important; color: #d6e4ff !important; }
  .gw-note { background: #33240c !important; color: #ffd9a0 !important; }
  .gw-code { background: #11151b !important; border-color: #2c323d !important; color: #e6e9ef !important; }
  .gw-line { border-color: #2c323d !important; }
  .gw-tag { background: #232934 !important; border-color: #333b49 !important; color: #cfd5e0 !important; }
  .gw-link { color: #84adff !important; }
}
`;
