import ts from 'typescript';

/** The names an example uses, and those it declares or imports itself at its top level. */
export function namesIn(code: string): { used: Set<string>; declared: Set<string> } {
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !isMemberName(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);

  const declared = new Set<string>();
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) declared.add(name.text);
    else for (const part of name.elements) if (ts.isBindingElement(part)) bind(part.name);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) bind(name);
    } else if (ts.isImportDeclaration(statement)) {
      const { importClause } = statement;
      const bindings = importClause?.namedBindings;
      if (importClause?.name !== undefined) declared.add(importClause.name.text);
      if (bindings !== undefined && ts.isNamespaceImport(bindings))
        declared.add(bindings.name.text);
      if (bindings !== undefined && ts.isNamedImports(bindings)) {
        for (const { name } of bindings.elements) declared.add(name.text);
      }
    } else if (
      (ts.isFunctionDeclaration(statement) ||
        ts.isClassDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement)) &&
      statement.name !== undefined
    ) {
      declared.add(statement.name.text);
    }
  }
  return { used, declared };
}

/** Whether an identifier names a member (`a.name`, `{ name: 1 }`) and so no variable. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  return (
    (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent)) && parent.name === node
  );
}
