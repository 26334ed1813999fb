// Draws openapi.yaml. Nothing is fetched from anywhere but here: the page's
// policy forbids it, and what would try is switched off.
Scalar.createApiReference('#app', {
  url: 'openapi.yaml',
  agent: { disabled: true },
  mcp: { disabled: true },
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  persistAuth: false,
  defaultOpenAllTags: true,
  documentDownloadType: 'none',
  hideModels: false,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
});
