/** Bundles a TypeScript program of the tests for Node; packages stay outside. */
export function bundleForNode(entry: string, outfile: string): Promise<void>;
