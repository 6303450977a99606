/** The Kubernetes release of the test control plane; go.mod requires the same one. */
export const KUBERNETES_VERSION = 'v1.36.3';
