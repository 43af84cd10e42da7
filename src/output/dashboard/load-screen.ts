/**
 * Loads Ink. React reads NODE_ENV when it is loaded, and draws at half the cost in production; Ink reads CI then, and would draw nothing until its
 * end, while somebody who got here has asked for a dashboard.
 */
export async function loadScreen(): Promise<typeof import('./screen.js')> {
  process.env.NODE_ENV ??= 'production'
  for (const name of ['CI', 'CONTINUOUS_INTEGRATION']) if (name in process.env) process.env[name] = 'false'
  return import('./screen.js')
}
