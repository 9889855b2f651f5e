/** The files that `helm create` lays down; <CHARTNAME> stands for the chart's name. */
const labels = `  labels:
    {{- include "<CHARTNAME>.labels" . | nindent 4 }}`

const chart = `apiVersion: v2
name: <CHARTNAME>
description: A Helm chart for Kubernetes

# An application chart holds templates and can be installed. A library chart holds helpers for other
# charts and cannot.
type: application

# The version of this chart: raise it with every change to the chart or its templates.
# Versions are semantic ones (https://semver.org/).
version: 0.1.0

# The version of what is deployed: raise it with every change of the application. It need not be a
# semantic version, and is best put in quotes.
appVersion: "1.16.0"
`

const values = `# What the templates of <CHARTNAME> take where nothing else is given.
# The file is YAML.
# Templates read it as .Values.

# How many pods there are to be, unless an autoscaler decides
replicaCount: 1

# The container's image
image:
  repository: nginx
  # When it is pulled
  pullPolicy: IfNotPresent
  # Empty: the chart's appVersion
  tag: ""

# Secrets by which images of private registries are pulled,
# each with its name: [{name: my-registry}]
imagePullSecrets: []
# Takes the place of the chart's name in the names of objects
nameOverride: ""
fullnameOverride: ""

# The account that pods run as
serviceAccount:
  # Whether one is made
  create: true
  # Whether its token is mounted into pods
  automount: true
  # Annotations of the account
  annotations: {}
  # Its name
  # Empty, and one is made: it is called as all else is
  name: ""

# Annotations of pods
# They are added to those of the template
podAnnotations: {}
# Labels of pods
# They are added to those by which the service finds them
podLabels: {}

podSecurityContext: {}
  # fsGroup: 2000

securityContext: {}
  # capabilities:
  #   drop:
  #   - ALL
  # readOnlyRootFilesystem: true
  # runAsNonRoot: true
  # runAsUser: 1000

# How pods are reached
# from within the cluster
service:
  # ClusterIP, NodePort or LoadBalancer
  type: ClusterIP
  # The service's port
  port: 80

# How they are reached from outside, by an ingress controller
ingress:
  enabled: false
  className: ""
  annotations: {}
    # kubernetes.io/ingress.class: nginx
    # kubernetes.io/tls-acme: "true"
  hosts:
    - host: chart-example.local
      paths:
        - path: /
          pathType: ImplementationSpecific
  tls: []
  #  - secretName: chart-example-tls
  #    hosts:
  #      - chart-example.local

# The same by way of the Gateway API: its resources and a controller
# have to be in the cluster
# (https://gateway-api.sigs.k8s.io/guides/)
httpRoute:
  # Whether there is a route
  enabled: false
  # Annotations of the route
  annotations: {}
  # Gateways it is attached to
  parentRefs:
  - name: gateway
    sectionName: http
    # namespace: default
  # Names of hosts it is for
  hostnames:
  - chart-example.local
  # What it lets through, and what is changed on the way
  rules:
  - matches:
    - path:
        type: PathPrefix
        value: /headers
  #   filters:
  #   - type: RequestHeaderModifier
  #     requestHeaderModifier:
  #       set:
  #       - name: My-Overwrite-Header
  #         value: this-is-the-only-value
  #       remove:
  #       - User-Agent

resources: {}
  # Nothing is asked for or limited by default, so that the chart also
  # runs where there is little. A limit on memory is also one on what
  # a mistake can cost. Where you know what it needs, take the
  # braces away and write
  # limits:
  #   cpu: 100m
  #   memory: 128Mi
  # requests:
  #   cpu: 100m
  #   memory: 128Mi

# Whether a container lives, and whether it is ready
# for requests
livenessProbe:
  httpGet:
    path: /
    port: http
readinessProbe:
  httpGet:
    path: /
    port: http

# How many pods there are, by what they use
# It needs the metrics server
autoscaling:
  enabled: false
  minReplicas: 1
  maxReplicas: 100
  targetCPUUtilizationPercentage: 80
  # targetMemoryUtilizationPercentage: 80

# Further volumes of pods
volumes: []
# - name: foo
#   secret:
#     secretName: mysecret
#     optional: false

# Where they are mounted
volumeMounts: []
# - name: foo
#   mountPath: "/etc/foo"
#   readOnly: true

# Labels of the nodes that pods may run on
nodeSelector: {}

# Taints of nodes that pods put up with
tolerations: []

# Where pods are better placed
affinity: {}
`

const ignore = `# What is no part of the chart: patterns of the shell, one a line,
# a slash at the end for directories.
.DS_Store
# Version control
.git/
.gitignore
.bzr/
.bzrignore
.hg/
.hgignore
.svn/
# Copies of editors
*.swp
*.bak
*.tmp
*.orig
*~
# Projects of editors
.project
.idea/
*.tmproj
.vscode/
`

const ingress = `{{- if .Values.ingress.enabled -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "<CHARTNAME>.fullname" . }}
${labels}
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if .Values.ingress.tls }}
  tls:
    {{- range .Values.ingress.tls }}
    - hosts:
        {{- range .hosts }}
        - {{ . | quote }}
        {{- end }}
      secretName: {{ .secretName }}
    {{- end }}
  {{- end }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            {{- with .pathType }}
            pathType: {{ . }}
            {{- end }}
            backend:
              service:
                name: {{ include "<CHARTNAME>.fullname" $ }}
                port:
                  number: {{ $.Values.service.port }}
          {{- end }}
    {{- end }}
{{- end }}
`

const httpRoute = `{{- if .Values.httpRoute.enabled -}}
{{- $name := include "<CHARTNAME>.fullname" . -}}
{{- $port := .Values.service.port -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ $name }}
${labels}
  {{- with .Values.httpRoute.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  parentRefs:
    {{- with .Values.httpRoute.parentRefs }}
      {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.httpRoute.hostnames }}
  hostnames:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range .Values.httpRoute.rules }}
    {{- with .matches }}
    - matches:
      {{- toYaml . | nindent 8 }}
    {{- end }}
    {{- with .filters }}
      filters:
      {{- toYaml . | nindent 8 }}
    {{- end }}
      backendRefs:
        - name: {{ $name }}
          port: {{ $port }}
          weight: 1
    {{- end }}
{{- end }}
`

const block = (name: string, spaces: number, indent: number, value = name): string => {
  const pad = ' '.repeat(spaces)
  return `${pad}{{- with .Values.${value} }}\n${pad}${name}:\n${pad}  {{- toYaml . | nindent ${indent} }}\n${pad}{{- end }}\n`
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "<CHARTNAME>.fullname" . }}
${labels}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "<CHARTNAME>.selectorLabels" . | nindent 6 }}
  template:
    metadata:
${block('annotations', 6, 8, 'podAnnotations')}      labels:
        {{- include "<CHARTNAME>.labels" . | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
${block('imagePullSecrets', 6, 8)}      serviceAccountName: {{ include "<CHARTNAME>.serviceAccountName" . }}
${block('securityContext', 6, 8, 'podSecurityContext')}      containers:
        - name: {{ .Chart.Name }}
${block('securityContext', 10, 12)}          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
              protocol: TCP
${['livenessProbe', 'readinessProbe', 'resources', 'volumeMounts'].map((name) => block(name, 10, 12)).join('')}${['volumes', 'nodeSelector', 'affinity', 'tolerations'].map((name) => block(name, 6, 8)).join('')}`

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "<CHARTNAME>.fullname" . }}
${labels}
spec:
  type: {{ .Values.service.type }}
  ports:
    - port: {{ .Values.service.port }}
      targetPort: http
      protocol: TCP
      name: http
  selector:
    {{- include "<CHARTNAME>.selectorLabels" . | nindent 4 }}
`

const serviceAccount = `{{- if .Values.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "<CHARTNAME>.serviceAccountName" . }}
${labels}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: {{ .Values.serviceAccount.automount }}
{{- end }}
`

const metric = (name: string, value: string): string => `    {{- if .Values.autoscaling.${value} }}
    - type: Resource
      resource:
        name: ${name}
        target:
          type: Utilization
          averageUtilization: {{ .Values.autoscaling.${value} }}
    {{- end }}
`

const hpa = `{{- if .Values.autoscaling.enabled }}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "<CHARTNAME>.fullname" . }}
${labels}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "<CHARTNAME>.fullname" . }}
  minReplicas: {{ .Values.autoscaling.minReplicas }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
${metric('cpu', 'targetCPUUtilizationPercentage')}${metric('memory', 'targetMemoryUtilizationPercentage')}{{- end }}
`

const find = (what: string, path: string): string => `$(kubectl get ${what} --namespace {{ .Release.Namespace }} ${path})`
const serviceName = '{{ include "<CHARTNAME>.fullname" . }}'
const selector = '-l "app.kubernetes.io/name={{ include "<CHARTNAME>.name" . }},app.kubernetes.io/instance={{ .Release.Name }}"'

const notes = `1. Get the application URL by running these commands:
{{- if .Values.httpRoute.enabled }}
{{- if .Values.httpRoute.hostnames }}
    export APP_HOSTNAME={{ .Values.httpRoute.hostnames | first }}
{{- else }}
    export APP_HOSTNAME=${find('{{(first .Values.httpRoute.parentRefs).name}}', '-o jsonpath="{.spec.listeners[0].hostname}"')}
{{- end }}
    echo "Visit http://$APP_HOSTNAME to use your application"
{{- else if .Values.ingress.enabled }}
{{- range $host := .Values.ingress.hosts }}
  {{- range .paths }}
  http{{ if $.Values.ingress.tls }}s{{ end }}://{{ $host.host }}{{ .path }}
  {{- end }}
{{- end }}
{{- else if contains "NodePort" .Values.service.type }}
  export NODE_PORT=${find(`-o jsonpath="{.spec.ports[0].nodePort}" services`, serviceName)}
  export NODE_IP=$(kubectl get nodes --namespace {{ .Release.Namespace }} -o jsonpath="{.items[0].status.addresses[0].address}")
  echo http://$NODE_IP:$NODE_PORT
{{- else if contains "LoadBalancer" .Values.service.type }}
     NOTE: It may take a few minutes for the LoadBalancer IP to be available.
           You can watch its status by running 'kubectl get --namespace {{ .Release.Namespace }} svc -w ${serviceName}'
  export SERVICE_IP=${find('svc', `${serviceName} --template "{{"{{ range (index .status.loadBalancer.ingress 0) }}{{.}}{{ end }}"}}"`)}
  echo http://$SERVICE_IP:{{ .Values.service.port }}
{{- else if contains "ClusterIP" .Values.service.type }}
  export POD_NAME=${find('pods', `${selector} -o jsonpath="{.items[0].metadata.name}"`)}
  export CONTAINER_PORT=${find('pod', '$POD_NAME -o jsonpath="{.spec.containers[0].ports[0].containerPort}"')}
  echo "Visit http://127.0.0.1:8080 to use your application"
  kubectl --namespace {{ .Release.Namespace }} port-forward $POD_NAME 8080:$CONTAINER_PORT
{{- end }}
`

const helpers = `{{/*
Expand the name of the chart.
*/}}
{{- define "<CHARTNAME>.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Create a default fully qualified app name.
We truncate at 63 chars because some Kubernetes name fields are limited to this (by the DNS naming spec).
If release name contains chart name it will be used as a full name.
*/}}
{{- define "<CHARTNAME>.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/*
Create chart name and version as used by the chart label.
*/}}
{{- define "<CHARTNAME>.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Common labels
*/}}
{{- define "<CHARTNAME>.labels" -}}
helm.sh/chart: {{ include "<CHARTNAME>.chart" . }}
{{ include "<CHARTNAME>.selectorLabels" . }}
{{- if .Chart.AppVersion }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/*
Selector labels
*/}}
{{- define "<CHARTNAME>.selectorLabels" -}}
app.kubernetes.io/name: {{ include "<CHARTNAME>.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/*
Create the name of the service account to use
*/}}
{{- define "<CHARTNAME>.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "<CHARTNAME>.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}
`

const test = `apiVersion: v1
kind: Pod
metadata:
  name: "{{ include "<CHARTNAME>.fullname" . }}-test-connection"
${labels}
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: busybox
      command: ['wget']
      args: ['{{ include "<CHARTNAME>.fullname" . }}:{{ .Values.service.port }}']
  restartPolicy: Never
`

/** In the order in which they are written. */
export const scaffold: readonly (readonly [path: string, text: string])[] = [
  ['Chart.yaml', chart], ['values.yaml', values], ['.helmignore', ignore], ['templates/ingress.yaml', ingress], ['templates/httproute.yaml', httpRoute], ['templates/deployment.yaml', deployment],
  ['templates/service.yaml', service], ['templates/serviceaccount.yaml', serviceAccount], ['templates/hpa.yaml', hpa], ['templates/NOTES.txt', notes], ['templates/_helpers.tpl', helpers],
  ['templates/tests/test-connection.yaml', test],
]
