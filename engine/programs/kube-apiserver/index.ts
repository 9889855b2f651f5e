export { kubeApiserver } from './kube-apiserver'
