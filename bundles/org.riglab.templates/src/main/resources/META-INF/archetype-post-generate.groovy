// The same as 'rig plugin new': the class that writes the files is in the archetype's jar.
def folder = new File(request.outputDirectory, request.artifactId)
folder.deleteDir()
def p = request.getProperties()
def writer = Thread.currentThread().contextClassLoader
    .loadClass('org.riglab.templates.internal.ProjectFolder')
    .getDeclaredMethod('main', String[])
writer.accessible = true
try {
  writer.invoke(null, [[
      folder.path, p.getProperty('kind'), request.artifactId, p.getProperty('language'),
      request.groupId, request.getPackage() == request.groupId ? '' : request.getPackage(),
      p.getProperty('repository')] as String[]] as Object[])
} catch (java.lang.reflect.InvocationTargetException e) {
  throw e.cause
}
