import type { TestProject } from 'vitest/node';
import { startControlPlane } from './start.ts';

/** One control plane for the whole run; tests read where it is by `controlPlane()` of test-cluster.ts. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const controlPlane = await startControlPlane((line) => console.log(line));
  project.provide('adminKubeconfig', controlPlane.adminKubeconfig);
  project.provide('personKubeconfigs', Object.fromEntries(controlPlane.people));
  project.provide('kubectl', controlPlane.kubectl);
  project.provide('hasControllerManager', controlPlane.hasControllerManager);
  project.provide('auditLog', controlPlane.auditLog);
  return () => controlPlane.stop();
}

declare module 'vitest' {
  export interface ProvidedContext {
    adminKubeconfig: string;
    /** Path by the person's name; empty in an existing cluster. */
    personKubeconfigs: Record<string, string>;
    kubectl: string;
    hasControllerManager: boolean;
    /** Path; empty in an existing cluster. */
    auditLog: string;
  }
}
