export function peersPython(): string | undefined;
export function installPythonPeers(): Promise<string>;
