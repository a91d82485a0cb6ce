{{- define "flint.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* Of one component: (dict "root" $ "component" "operator") */}}
{{- define "flint.component" -}}
{{- printf "%s-%s" (include "flint.name" .root) .component -}}
{{- end }}

{{/* They never change between versions: selectors are immutable. */}}
{{- define "flint.selectorLabels" -}}
app.kubernetes.io/name: flint
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "flint.labels" -}}
{{ include "flint.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* (dict "root" $ "name" "operator" "digest" "") */}}
{{- define "flint.image" -}}
{{- $image := .root.Values.image -}}
{{- if .digest -}}
{{ printf "%s/%s@%s" $image.registry .name .digest }}
{{- else -}}
{{ printf "%s/%s:%s" $image.registry .name ($image.tag | default .root.Chart.AppVersion) }}
{{- end -}}
{{- end }}

{{- define "flint.podSecurity" -}}
{{ toYaml .Values.podSecurityContext }}
{{- end }}

{{- define "flint.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop: [ALL]
{{- end }}

{{/* What both components are told. */}}
{{- define "flint.sharedEnv" -}}
- name: FLINT_LOG_LEVEL
  value: {{ .values.logLevel }}
- name: FLINT_CLUSTER_DOMAIN
  value: {{ .root.Values.clusterDomain }}
{{- with .root.Values.domains }}
- name: FLINT_DOMAINS
  value: {{ join "," . | quote }}
{{- end }}
{{- if eq .root.Values.scope "namespaced" }}
- name: FLINT_NAMESPACES
  value: {{ join "," .root.Values.namespaces | quote }}
{{- end }}
{{- end }}

{{/* A minute without an answer before a restart: one costs what is in flight, and helps no machine that is only too busy. */}}
{{- define "flint.probes" -}}
startupProbe:
  httpGet: { path: /livez, port: admin }
  periodSeconds: 1
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /livez, port: admin }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  periodSeconds: 5
  timeoutSeconds: 3
{{- end }}

{{/* Where a component's Pods go. (dict "root" $ "component" "operator" "values" .Values.operator) */}}
{{- define "flint.placement" -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "flint.selectorLabels" $ | nindent 8 }}
  {{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Contradictions that no schema can say. */}}
{{- define "flint.check" -}}
{{- if and (eq .Values.scope "namespaced") (not .Values.namespaces) -}}
{{- fail "scope is namespaced, but namespaces is empty: list the namespaces to serve" -}}
{{- end -}}
{{- if and (eq .Values.scope "cluster") .Values.namespaces -}}
{{- fail "namespaces is set, but scope is cluster: set scope to namespaced or leave namespaces out" -}}
{{- end -}}
{{- if and .Values.podMonitor.enabled .Values.serviceMonitor.enabled -}}
{{- fail "podMonitor and serviceMonitor are both enabled: everything would be counted twice; choose one" -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.httpRoute.enabled) (not .Values.domains) -}}
{{- fail "ingress and httpRoute route hosts of domains: set domains" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not (concat .Values.namespaces .Values.ingress.namespaces)) -}}
{{- fail "a host of an Ingress is *.NAMESPACE.DOMAIN: list the namespaces of functions in ingress.namespaces, or use httpRoute" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: name the Gateway" -}}
{{- end -}}
{{- end }}
