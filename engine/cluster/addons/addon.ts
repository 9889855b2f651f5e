/** What is applied to a cluster once kubeadm has made it. */
export interface Addon {
  /** The repository's last word: its image is on every node's disk. */
  readonly image: string
  readonly manifest: string
  /** What shows that it works. */
  readonly ready: { readonly command: string; readonly right: (out: string) => boolean }
}
